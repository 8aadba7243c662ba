// SPDX-License-Identifier: MIT
import Foundation
import HTTPTypes
import Hummingbird

/// Answers with a file, or with a part of it.
struct FileAnswer {
  let path: String
  let mediaType: String
  /// What a browser may save it as; nil where it is not offered.
  let downloadName: String?
  /// Stands for the result that the file belongs to.
  let revision: String

  /// The answer to a request.
  ///
  /// - Throws: `gone` where the file is no longer there, `unsatisfiableRange`.
  func response(
    to request: Request, _ context: ServiceContext
  ) async throws -> Response {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw ServiceError(.gone, "This file was removed; send the song again.")
    }
    let byteCount = Int(status.st_size)
    let tag = EntityTag([
      revision, String(path.split(separator: "/").last ?? ""), "\(byteCount)",
      "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)",
    ])
    var headers: HTTPFields = [
      .acceptRanges: "bytes", .contentType: mediaType, .eTag: tag.text,
      .cacheControl: "private, no-cache",
    ]
    if tag.isListed(in: request.headers[.ifNoneMatch]) {
      return Response(status: .notModified, headers: headers)
    }
    if let downloadName { headers[.contentDisposition] = Self.attachment(downloadName) }
    // Ranges are for GET (RFC 9110 §14.2).
    let wanted =
      request.method == .get && tag.allowsRange(request.headers[.ifRange])
      ? ByteRange(request.headers[.range], byteCount: byteCount) : .all
    switch wanted {
    case .unsatisfiable: throw ServiceError.unsatisfiableRange(byteCount: byteCount)
    case .all:
      headers[.contentLength] = "\(byteCount)"
      guard byteCount > 0, request.method != .head else {
        return Response(status: .ok, headers: headers)
      }
      return Response(
        status: .ok, headers: headers, body: try await body(0...byteCount - 1, context))
    case .part(let range):
      headers[.contentLength] = "\(range.count)"
      headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound)/\(byteCount)"
      return Response(
        status: .partialContent, headers: headers, body: try await body(range, context))
    }
  }

  private func body(
    _ range: ClosedRange<Int>, _ context: ServiceContext
  ) async throws -> ResponseBody {
    do {
      return try await FileIO().loadFile(path: path, range: range, context: context)
    } catch {
      throw ServiceError(.gone, "This file was removed; send the song again.")
    }
  }

  /// A Content-Disposition with the name for old and for new clients (RFC 6266, RFC 8187).
  static func attachment(_ name: String) -> String {
    let plain = name.unicodeScalars.map { scalar -> Character in
      switch scalar {
      case "\"", "\\", "%", "/", ";": "_"
      case " "..."~": Character(scalar)
      default: "_"
      }
    }
    return "attachment; filename=\"\(String(plain))\"; filename*=UTF-8''\(name.percentEncoded())"
  }
}
