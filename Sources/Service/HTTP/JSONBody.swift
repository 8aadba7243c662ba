// SPDX-License-Identifier: MIT
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// JSON in requests and answers.
enum JSONBody {
  /// A value as JSON, its keys in order.
  static func encode(_ value: some Encodable) -> ByteBuffer {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .custom { date, encoder in
      var container = encoder.singleValueContainer()
      try container.encode(date.formatted(timestamp))
    }
    // Levels of silence are no numbers; they are left out before they come here.
    let data = (try? encoder.encode(value)) ?? Data("{}".utf8)
    return ByteBuffer(bytes: data)
  }

  private static let timestamp = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  /// Reads the document of a request.
  ///
  /// - Throws: `unsupported`, `tooLarge`, `malformed`, `timeout`.
  static func read(
    _ request: Request, state: BodyState, limits: ServiceLimits
  ) async throws(ServiceError) -> [UInt8] {
    let type = HeaderParameters(request.headers[.contentType] ?? "application/json").value
    guard type == "application/json" || type.hasSuffix("+json") else {
      throw ServiceError(.unsupported, "A body of the type “\(type)” is not taken; send JSON.")
    }
    var reader = try BodyReader(
      request, state: state, limit: limits.documentBytes, limits: limits)
    return try await reader.all()
  }
}

extension Response {
  /// An answer of JSON.
  static func json(
    _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
  ) -> Response {
    var headers = headers
    headers[.contentType] = "application/json"
    if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
    return Response(
      status: status, headers: headers, body: .init(byteBuffer: JSONBody.encode(value)))
  }

  /// An answer of text that is JSON already.
  static func json(text: String) -> Response {
    Response(
      status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
      body: .init(byteBuffer: ByteBuffer(string: text)))
  }
}
