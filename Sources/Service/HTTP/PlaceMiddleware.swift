// SPDX-License-Identifier: MIT
import HTTPTypes
import Hummingbird

/// Refuses requests that are meant for another host or come from pages of another origin.
///
/// A page that a person visits can send requests to loopback, and by a name of its own that leads there also read
/// the answers; such requests bear that page's origin, or that name as their host.
struct PlaceMiddleware: RouterMiddleware {
  private let hosts: Set<String>
  private let origins: Set<String>

  init(_ configuration: ServiceConfiguration) {
    var hosts = Set(configuration.allowedHosts.map { HostName($0).text })
    let own = HostName(configuration.host)
    hosts.insert(own.text)
    hosts.formUnion(["localhost", "127.0.0.1", "::1"])
    self.hosts = hosts
    origins = Set(configuration.allowedOrigins.compactMap { Origin($0)?.text })
  }

  func handle(
    _ request: Request, context: ServiceContext,
    next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    guard let authority = request.head.authority, hosts.contains(HostName(authority).text) else {
      throw ServiceError(
        .misdirected,
        "This service is not called by that name; allow it with --allow-host.")
    }
    guard let text = request.headers[.origin] else { return try await next(request, context) }
    guard let origin = Origin(text) else { throw Self.refused }
    if origin.authority == authority.lowercased() { return try await next(request, context) }
    guard origins.contains(origin.text) else { throw Self.refused }
    let isPreflight = request.headers[.accessControlRequestMethod] != nil
    var response =
      request.method == .options && isPreflight
      ? Self.preflight
      : await Self.answer {
        try await next(request, context)
      } problem: {
        context.requestID
      }
    response.headers[.accessControlAllowOrigin] = origin.text
    response.headers[.accessControlExposeHeaders] =
      "Content-Disposition, Content-Range, ETag, Location, Retry-After, X-Request-Id"
    response.headers[.vary] = "Origin"
    if let name = HTTPField.Name("Cross-Origin-Resource-Policy") {
      response.headers[name] = "cross-origin"
    }
    return response
  }

  /// A refusal, too, must say that the page may read it.
  private static func answer(
    _ body: () async throws -> Response, problem instance: () -> String
  ) async -> Response {
    do { return try await body() } catch let error as ServiceError {
      return error.response(instance: instance())
    } catch {
      return ServiceError(.notFound, "There is nothing here; see GET /v1/openapi.json.")
        .response(instance: instance())
    }
  }

  private static let refused = ServiceError(
    .forbidden, "Pages of this origin may not ask; allow it with --allow-origin.")

  private static let preflight = Response(
    status: .noContent,
    headers: [
      .accessControlAllowMethods: "GET, HEAD, POST, PUT, DELETE",
      .accessControlAllowHeaders:
        "Authorization, Content-Type, If-None-Match, If-Range, Last-Event-ID, Range",
      .accessControlMaxAge: "600",
    ])
}
