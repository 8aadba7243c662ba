// SPDX-License-Identifier: MIT
import GRPCCore
import Logging

/// Tells log, metrics and traces of every call.
struct RPCObserver: ServerInterceptor {
  let metrics: ServiceMetrics
  let tracer: Tracer
  let logger: Logger

  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>, context: ServerContext,
    next:
      @Sendable (
        _ request: StreamingServerRequest<Input>, _ context: ServerContext
      ) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    let method = context.descriptor.fullyQualifiedMethod
    let parent = request.metadata[stringValues: "traceparent"].first { _ in true }
    let result: Result<StreamingServerResponse<Output>, any Error> = await Self.result {
      try await tracer.span(.server, below: TraceContext(parent)) {
        try await next(request, context)
      } describe: { result in
        let code = Self.code(result)
        return (
          method,
          [
            ("rpc.system", .text("grpc")), ("rpc.method", .text(method)),
            ("rpc.grpc.status_code", .integer(code?.rawValue ?? 0)),
          ], code.map { "\($0)" }
        )
      }
    }
    let code = Self.code(result).map { "\($0)" } ?? "ok"
    metrics.called(method: method, code: code)
    logger.info("Call", metadata: ["method": "\(method)", "code": "\(code)"])
    return try result.get()
  }

  private static func result<Value>(
    _ body: () async throws -> Value
  ) async -> Result<Value, any Error> {
    do { return .success(try await body()) } catch { return .failure(error) }
  }

  /// Why a call failed; nil where it did not, as far as is known when its answer begins.
  private static func code<Output>(
    _ result: Result<StreamingServerResponse<Output>, any Error>
  ) -> RPCError.Code? {
    switch result {
    case .success(let response):
      if case .failure(let error) = response.accepted { return error.code }
      return nil
    case .failure(let error): return (error as? RPCError)?.code ?? .unknown
    }
  }
}
