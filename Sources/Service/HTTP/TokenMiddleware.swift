// SPDX-License-Identifier: MIT
import HTTPTypes
import Hummingbird

/// Finds out who asks, where tokens are asked for.
///
/// Whether that is needed is a matter of each route (``RouteTable``), not of how its path is spelt.
struct TokenMiddleware: RouterMiddleware {
  let tokens: [AccessToken]

  func handle(
    _ request: Request, context: ServiceContext,
    next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    guard !tokens.isEmpty else { return try await next(request, context) }
    var context = context
    context.isTrusted = false
    let words = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
    if words.count == 2, words[0].lowercased() == "bearer",
      let client = AccessToken.client(of: String(words[1]), among: tokens)
    {
      context.client = client
      context.isTrusted = true
    }
    return try await next(request, context)
  }
}
