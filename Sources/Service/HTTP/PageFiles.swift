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
    var headers: HTTPFields {
      [.contentType: mediaType, .eTag: tag.text, .cacheControl: "no-cache"]
    }
  }

  /// A file that is larger is left out.
  private static let longest = 8 << 20

  private let files: [String: File]

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
      files["/" + name] = File(
        bytes: ByteBuffer(bytes: data), mediaType: type, tag: EntityTag(bytes: [UInt8](data)))
    }
    files["/"] = files["/index.html"]
    self.files = files
  }

  func register(in routes: RouteTable) {
    routes.fallback { request, context in
      guard let file = files[request.uri.path.removingPercentEncoding ?? ""] else {
        context.coreContext.endpointPath.value = "none"
        throw ServiceError(.notFound, "There is nothing here; see GET /v1/openapi.json.")
      }
      guard let packed = files[request.uri.path + ".gz"] else {
        return Self.response(file, file.headers, request)
      }
      // The same in fewer bytes, for those who say that they can read it.
      var headers = file.headers
      headers[.vary] = "Accept-Encoding"
      guard Self.takesGzip(request) else { return Self.response(file, headers, request) }
      headers[.contentEncoding] = "gzip"
      headers[.eTag] = packed.tag.text
      return Self.response(packed, headers, request)
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
