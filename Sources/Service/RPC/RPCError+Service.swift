// SPDX-License-Identifier: MIT
import GRPCCore

extension RPCError {
  /// An error of the service as gRPC has it.
  init(_ error: ServiceError) {
    self.init(code: Self.code(error.code), message: error.message)
  }

  private static func code(_ code: ServiceError.Code) -> RPCError.Code {
    switch code {
    case .malformed, .invalid, .unsupported: .invalidArgument
    case .unauthenticated: .unauthenticated
    case .forbidden, .misdirected: .permissionDenied
    case .notFound, .gone: .notFound
    case .timeout: .deadlineExceeded
    case .conflict: .failedPrecondition
    case .tooLarge, .busy, .full: .resourceExhausted
    case .unsatisfiableRange: .outOfRange
    case .unavailable: .unavailable
    case .cancelled: .cancelled
    default: .internalError
    }
  }

  /// Does what throws errors of the service.
  static func translating<Value>(
    _ body: () async throws(ServiceError) -> Value
  ) async throws(RPCError) -> Value {
    do throws(ServiceError) { return try await body() } catch { throw RPCError(error) }
  }
}
