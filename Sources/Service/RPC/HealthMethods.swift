// SPDX-License-Identifier: MIT
import GRPCCore
import RPCInterface
import SwiftProtobuf

/// The gRPC Health Checking Protocol: the service answers as long as it runs.
struct HealthMethods: Grpc_Health_V1_Health.ServiceProtocol {
  /// The names that can be asked for, besides the empty one for all.
  let services: Set<String>
  /// Ended when the service shuts down.
  let feed: JobFeed

  func check(
    request: ServerRequest<Grpc_Health_V1_HealthCheckRequest>, context: ServerContext
  ) async throws -> ServerResponse<Grpc_Health_V1_HealthCheckResponse> {
    guard isKnown(request.message.service) else {
      throw RPCError(code: .notFound, message: "There is no such service.")
    }
    return ServerResponse(message: .with { $0.status = .serving })
  }

  func watch(
    request: ServerRequest<Grpc_Health_V1_HealthCheckRequest>, context: ServerContext
  ) async throws -> StreamingServerResponse<Grpc_Health_V1_HealthCheckResponse> {
    let isKnown = isKnown(request.message.service)
    let feed = feed
    return StreamingServerResponse { writer in
      try await writer.write(.with { $0.status = isKnown ? .serving : .serviceUnknown })
      let watch = feed.watch()
      await watch.untilShutdown {
        await withRPCCancellationHandler {
          for await _ in watch.hints {}
        } onCancelRPC: {
          watch.end()
        }
      }
      if !context.cancellation.isCancelled {
        try await writer.write(.with { $0.status = .notServing })
      }
      return [:]
    }
  }

  private func isKnown(_ name: String) -> Bool { name.isEmpty || services.contains(name) }
}
