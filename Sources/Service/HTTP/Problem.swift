// SPDX-License-Identifier: MIT
import Foundation
import HTTPTypes
import Hummingbird

/// Details of a problem, as RFC 9457 has them.
struct Problem: Codable, Sendable, Equatable {
  /// Stands for the kind of problem.
  let type: String
  /// The kind of problem in words.
  let title: String
  let status: Int
  /// What was wrong with this very request, and the remedy.
  let detail: String
  /// The request, as in the log of the service.
  let instance: String?

  static let mediaType = "application/problem+json"

  init(_ error: ServiceError, instance: String? = nil) {
    self.init(code: error.code, detail: error.message, instance: instance)
  }

  /// Of a job that failed.
  init(_ failure: JobFailure) {
    self.init(
      code: ServiceError.Code(description: failure.code), detail: failure.message, instance: nil)
  }

  private init(code: ServiceError.Code, detail: String, instance: String?) {
    let status = code.status
    type = "urn:tonmeister:problem:\(code.description)"
    title = status.reasonPhrase
    self.status = status.code
    self.detail = detail
    self.instance = instance.map { "urn:tonmeister:request:\($0)" }
  }
}

extension ServiceError.Code {
  /// The status of an answer.
  var status: HTTPResponse.Status {
    switch self {
    case .malformed: .badRequest
    case .unauthenticated: .unauthorized
    case .forbidden: .forbidden
    case .notFound: .notFound
    case .methodNotAllowed: .methodNotAllowed
    case .timeout: .requestTimeout
    case .conflict: .conflict
    case .gone: .gone
    case .tooLarge: .contentTooLarge
    case .unsupported: .unsupportedMediaType
    case .unsatisfiableRange: .rangeNotSatisfiable
    case .misdirected: .misdirectedRequest
    case .invalid: .unprocessableContent
    case .busy: .tooManyRequests
    case .unavailable, .cancelled: .serviceUnavailable
    case .full: HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
    default: .internalServerError
    }
  }
}

extension ServiceError {
  /// The answer that tells the problem.
  func response(instance: String?) -> Response {
    var headers: HTTPFields = [.contentType: Problem.mediaType, .cacheControl: "no-store"]
    if let retryAfterSeconds { headers[.retryAfter] = "\(retryAfterSeconds)" }
    if let allowedMethods { headers[.allow] = allowedMethods }
    if let byteCount { headers[.contentRange] = "bytes */\(byteCount)" }
    if code == .unauthenticated { headers[.wwwAuthenticate] = "Bearer" }
    return Response(
      status: code.status, headers: headers,
      body: .init(byteBuffer: JSONBody.encode(Problem(self, instance: instance))))
  }
}
