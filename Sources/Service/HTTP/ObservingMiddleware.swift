// SPDX-License-Identifier: MIT
import HTTPTypes
import Hummingbird
import Logging

/// Tells log, metrics and traces of every request, makes errors into answers, and adds what every answer has.
struct ObservingMiddleware: RouterMiddleware {
  let metrics: ServiceMetrics
  let tracer: Tracer

  /// How long a connection whose request was not read to its end stays: one that closes at once, with something
  /// unread, takes the answer back that is on its way.
  private static let linger = Duration.seconds(2)

  func handle(
    _ request: Request, context: ServiceContext,
    next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    let clock = ContinuousClock()
    let began = clock.now
    metrics.requestBegan()
    var response = await traced(request, context) {
      do { return try await next(request, context) } catch {
        return Self.answer(to: error, context)
      }
    }
    metrics.requestEnded()
    let seconds = (clock.now - began) / .seconds(1)
    metrics.answered(
      method: request.method.rawValue, route: context.endpointPath ?? "none",
      status: response.status.code, seconds: seconds)
    context.logger.info(
      "Request",
      metadata: [
        "method": "\(request.method)", "path": "\(request.uri.path)",
        "status": "\(response.status.code)", "seconds": "\(seconds)",
        "client": "\(context.client)",
      ])
    add(to: &response, request, context)
    return response
  }

  private func traced(
    _ request: Request, _ context: ServiceContext, _ body: () async -> Response
  ) async -> Response {
    let parent = HTTPField.Name("traceparent").flatMap { TraceContext(request.headers[$0]) }
    return await tracer.span(.server, below: parent, body) { result in
      let status = result.get().status.code
      let route = context.endpointPath ?? "none"
      return (
        "\(request.method.rawValue) \(route)",
        [
          ("http.request.method", .text(request.method.rawValue)), ("http.route", .text(route)),
          ("http.response.status_code", .integer(status)),
          ("tonmeister.request.id", .text(context.requestID)),
        ], status >= 500 ? "status \(status)" : nil
      )
    }
  }

  private static func answer(to error: any Error, _ context: ServiceContext) -> Response {
    let known: ServiceError
    switch error {
    case let error as ServiceError: known = error
    case let error as any HTTPResponseError where error.status == .notFound:
      known = ServiceError(.notFound, "There is nothing here; see GET /v1/openapi.json.")
    case let error as any HTTPResponseError where error.status.kind == .clientError:
      known = ServiceError(.malformed, "The request cannot be understood: \(error).")
    case is CancellationError: known = .cancelled
    default:
      known = ServiceError(.failed, "Something went wrong; the log tells more of this request.")
    }
    if known.code.status.kind == .serverError {
      context.logger.error("A request failed.", metadata: ["error": "\(error)"])
    }
    return known.response(instance: context.requestID)
  }

  private func add(to response: inout Response, _ request: Request, _ context: ServiceContext) {
    for header in Self.headers { response.headers[header.name] = header.value }
    if let name = HTTPField.Name("X-Request-Id") { response.headers[name] = context.requestID }
    guard hasBody(request), !context.body.isRead else { return }
    // What was not read may have no end: the answer goes out, then the connection goes.
    response.headers[.connection] = "close"
    let body = response.body
    let channel = context.channel
    response.body = ResponseBody(contentLength: body.contentLength) { writer in
      try await body.write(writer)
      try? await Task.sleep(for: Self.linger)
      channel.close(promise: nil)
    }
  }

  private func hasBody(_ request: Request) -> Bool {
    if request.headers[.transferEncoding] != nil { return true }
    return request.headers[.contentLength].map { $0 != "0" } ?? false
  }

  /// What every answer has.
  private static let headers: HTTPFields = {
    var headers: HTTPFields = [
      .contentSecurityPolicy: """
      default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
      img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; media-src 'self' blob:; \
      font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
      """,
      .xContentTypeOptions: "nosniff",
    ]
    for (name, value) in [
      ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
      ("Cross-Origin-Opener-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
    ] {
      if let name = HTTPField.Name(name) { headers[name] = value }
    }
    return headers
  }()
}
