// SPDX-License-Identifier: MIT
import GRPCCore

/// Finds out who asks, as HTTP does: by a bearer token in the metadata, where tokens are asked for.
///
/// It stands before all methods, so that nothing is taken in from those who have none.
struct RPCAccess: ServerInterceptor {
  let tokens: [AccessToken]
  /// The services that everybody may ask.
  let open: Set<String>

  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>, context: ServerContext,
    next:
      @Sendable (
        _ request: StreamingServerRequest<Input>, _ context: ServerContext
      ) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    if !open.contains(context.descriptor.service.fullyQualifiedService) {
      _ = try client(request.metadata)
    }
    return try await next(request, context)
  }

  /// - Throws: An `RPCError` with the code `unauthenticated`.
  func client(_ metadata: Metadata) throws(RPCError) -> ClientID {
    guard !tokens.isEmpty else { return .local }
    for value in metadata[stringValues: "authorization"] {
      let words = value.split(separator: " ", maxSplits: 1)
      if words.count == 2, words[0].lowercased() == "bearer",
        let client = AccessToken.client(of: String(words[1]), among: tokens)
      {
        return client
      }
    }
    throw RPCError(
      code: .unauthenticated,
      message: "A token is needed: send it as the metadata “authorization: Bearer TOKEN”.")
  }
}
