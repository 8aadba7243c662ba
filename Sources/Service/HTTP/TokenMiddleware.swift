// SPDX-License-Identifier: MIT
import HTTPTypes
import Hummingbird

/// Lets nobody in without a token, where tokens are asked for.
struct TokenMiddleware: RouterMiddleware {
  let tokens: [AccessToken]

  func handle(
    _ request: Request, context: ServiceContext,
    next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    guard !tokens.isEmpty else { return try await next(request, context) }
    var context = context
    let header = request.headers[.authorization] ?? ""
    let words = header.split(separator: " ", maxSplits: 1)
    if words.count == 2, words[0].lowercased() == "bearer",
      let client = AccessToken.client(of: String(words[1]), among: tokens)
    {
      context.client = client
      return try await next(request, context)
    }
    guard Self.isOpen(request) else {
      throw ServiceError(
        .unauthenticated,
        "This needs a token that the service knows, as “Authorization: Bearer TOKEN”.")
    }
    return try await next(request, context)
  }

  /// The page and what it needs before a person has typed a token; nothing of it is anybody's.
  private static func isOpen(_ request: Request) -> Bool {
    guard request.method == .get || request.method == .head else { return false }
    let path = request.uri.path
    switch path {
    case "/healthz", "/readyz", "/v1/limits", "/v1/openapi.json": return true
    case "/metrics", "/separation_progress": return false
    default: return !path.hasPrefix("/v1/") && !path.hasPrefix("/mixed_outputs/")
    }
  }
}
