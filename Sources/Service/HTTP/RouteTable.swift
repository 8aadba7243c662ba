// SPDX-License-Identifier: MIT
import HTTPTypes
import Hummingbird

/// The routes of the service.
///
/// They need a token where tokens are asked for, unless they are open; what is asked of a path in a way that it does
/// not know gets 405.
final class RouteTable {
  typealias Handler = @Sendable (Request, ServiceContext) async throws -> Response

  private let router: Router<ServiceContext>
  private var methods: [String: [HTTPRequest.Method]] = [:]

  init(_ router: Router<ServiceContext>) { self.router = router }

  func get(_ path: String, _ handler: @escaping Handler) { on(path, .get, handler) }

  func post(_ path: String, _ handler: @escaping Handler) { on(path, .post, handler) }

  func put(_ path: String, _ handler: @escaping Handler) { on(path, .put, handler) }

  func delete(_ path: String, _ handler: @escaping Handler) { on(path, .delete, handler) }

  /// Answers GET also to those who have no token: for what is nobody's, and needed before a token was typed.
  func getOpenly(_ path: String, _ handler: @escaping Handler) {
    methods[path, default: []].append(.get)
    router.on(RouterPath(path), method: .get, use: handler)
  }

  /// Answers GET openly for every path that no route has; called once.
  func fallback(_ handler: @escaping Handler) {
    router.on("/", method: .get, use: handler)
    router.on("**", method: .get, use: handler)
  }

  private func on(_ path: String, _ method: HTTPRequest.Method, _ handler: @escaping Handler) {
    methods[path, default: []].append(method)
    router.on(RouterPath(path), method: method) { request, context -> Response in
      guard context.isTrusted else {
        throw ServiceError(
          .unauthenticated,
          "This needs a token that the service knows, as “Authorization: Bearer TOKEN”.")
      }
      return try await handler(request, context)
    }
  }

  /// Answers all other methods; called once, last.
  func finish() {
    for (path, known) in methods {
      let all = known + (known.contains(.get) ? [.head] : [])
      let allowed = all.map(\.rawValue).sorted().joined(separator: ", ")
      for method in Self.allMethods where !all.contains(method) {
        router.on(RouterPath(path), method: method) { _, _ -> Response in
          throw ServiceError.methodNotAllowed(allowed)
        }
      }
    }
  }

  private static let allMethods: [HTTPRequest.Method] =
    [.get, .head, .post, .put, .delete, .patch, .options, .trace, .connect]
    + ["QUERY"].compactMap { HTTPRequest.Method($0) }
}
