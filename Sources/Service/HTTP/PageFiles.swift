// SPDX-License-Identifier: MIT
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The page: all files of a folder, read once, so that no request reaches the file system.
struct PageFiles: Sendable {
  private struct File {
    let bytes: ByteBuffer
    let mediaType: String
    let tag: EntityTag

    init(_ bytes: [UInt8], _ mediaType: String) {
      self.bytes = ByteBuffer(bytes: bytes)
      self.mediaType = mediaType
      tag = EntityTag(bytes: bytes)
    }

    var headers: HTTPFields {
      [.contentType: mediaType, .eTag: tag.text, .cacheControl: "no-cache"]
    }
  }

  /// A file that is larger is left out.
  private static let longest = 8 << 20

  private let files: [String: File]
  /// By the path of what they are when unpacked.
  private let packed: [String: File]

  /// Reads a folder.
  init(folder: URL?) {
    var files: [String: File] = [:]
    let root = folder?.path ?? ""
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []
    for name in names where !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
      let url = URL(filePath: root).appending(path: name)
      guard let type = Self.mediaType(of: name), let data = try? Data(contentsOf: url),
        data.count <= Self.longest
      else { continue }
      files["/" + name] = File([UInt8](data), type)
    }
    var packed: [String: File] = [:]
    for (path, file) in files where path.hasSuffix(".gz") {
      packed[String(path.dropLast(3))] = file
    }
    // What does not come packed is packed here, where that is worth it.
    for (path, file) in files where packed[path] == nil && Self.isText(file.mediaType) {
      guard let bytes = Gzip.pack([UInt8](file.bytes.readableBytesView)),
        bytes.count < file.bytes.readableBytes
      else { continue }
      packed[path] = File(bytes, "application/gzip")
    }
    files["/"] = files["/index.html"]
    packed["/"] = packed["/index.html"]
    self.files = files
    self.packed = packed
  }

  func register(in routes: RouteTable) {
    routes.fallback { request, context in
      let path = request.uri.path.removingPercentEncoding ?? ""
      guard let file = files[path] else {
        context.coreContext.endpointPath.value = "none"
        throw ServiceError(.notFound, "There is nothing here; see GET /v1/openapi.json.")
      }
      guard let short = packed[path] else {
        return Self.response(file, file.headers, request)
      }
      // The same in fewer bytes, for those who say that they can read it.
      var headers = file.headers
      headers[.vary] = "Accept-Encoding"
      guard Self.takesGzip(request) else { return Self.response(file, headers, request) }
      headers[.contentEncoding] = "gzip"
      headers[.eTag] = short.tag.text
      return Self.response(short, headers, request)
    }
  }

  private static func response(
    _ file: File, _ headers: HTTPFields, _ request: Request
  ) -> Response {
    if file.tag.isListed(in: request.headers[.ifNoneMatch]) {
      return Response(status: .notModified, headers: headers)
    }
    return Response(status: .ok, headers: headers, body: .init(byteBuffer: file.bytes))
  }

  private static func takesGzip(_ request: Request) -> Bool {
    (request.headers[.acceptEncoding] ?? "").split(separator: ",").contains { item in
      let coding = HeaderParameters(item)
      return coding.value == "gzip" && Double(coding["q"] ?? "1") ?? 0 > 0
    }
  }

  private static func isText(_ mediaType: String) -> Bool {
    mediaType.hasPrefix("text/") || mediaType.hasSuffix("+xml") || mediaType.hasSuffix("json")
  }

  private static func mediaType(of name: String) -> String? {
    switch name.split(separator: ".").last?.lowercased() {
    case "html": "text/html; charset=utf-8"
    case "js", "mjs": "text/javascript; charset=utf-8"
    case "css": "text/css; charset=utf-8"
    case "wasm": "application/wasm"
    case "svg": "image/svg+xml"
    case "png": "image/png"
    case "ico": "image/vnd.microsoft.icon"
    case "json", "map": "application/json"
    case "webmanifest": "application/manifest+json"
    case "woff2": "font/woff2"
    case "txt": "text/plain; charset=utf-8"
    case "gz": "application/gzip"
    default: nil
    }
  }
}
