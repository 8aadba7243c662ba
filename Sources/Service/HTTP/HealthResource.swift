// SPDX-License-Identifier: MIT
import HTTPTypes
import Hummingbird
import NIOCore
import Separation

/// `/healthz`, `/readyz`, `/metrics` and the description of the interface.
struct HealthResource: Sendable {
  let resources: Resources

  private struct Health: Encodable {
    let status: String
  }

  private struct Readiness: Encodable {
    let status: String
    let store: Bool
    let space: Bool
    let models: Bool
  }

  func register(in routes: RouteTable) {
    routes.getOpenly("/healthz") { _, _ in .json(Health(status: "ok")) }
    routes.getOpenly("/readyz") { _, _ in
      let store = await isStoreThere()
      let space = resources.folder.freeBytes > DataFolder.reserveBytes
      let models = await areModelsThere()
      let isReady = store && space && models
      return .json(
        Readiness(status: isReady ? "ok" : "failing", store: store, space: space, models: models),
        status: isReady ? .ok : .serviceUnavailable)
    }
    routes.get("/metrics") { _, _ in
      try await Self.metrics(resources.metrics, resources.queue)
    }
    let document = InterfaceDescription.bytes
    routes.getOpenly("/v1/openapi.json") { _, _ in
      guard let document else {
        throw ServiceError(.notFound, "The description of the interface was not installed.")
      }
      return Response(
        status: .ok, headers: [.contentType: "application/vnd.oai.openapi+json;version=3.1"],
        body: .init(byteBuffer: ByteBuffer(bytes: document)))
    }
  }

  /// Everything that is counted and measured, for Prometheus.
  static func metrics(
    _ metrics: ServiceMetrics, _ queue: JobQueue
  ) async throws(ServiceError) -> Response {
    metrics.queue(try await queue.store.queue())
    return Response(
      status: .ok,
      headers: [
        .contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store",
      ], body: .init(byteBuffer: ByteBuffer(string: metrics.registry.text)))
  }

  private func isStoreThere() async -> Bool {
    do throws(ServiceError) {
      _ = try await resources.queue.store.jobs(of: .local, before: nil, limit: 1)
      return true
    } catch {
      return false
    }
  }

  private func areModelsThere() async -> Bool {
    let shelf = resources.models
    do throws(ServiceError) {
      return try await blocking { (_) throws(ServiceError) in
        try shelf.models().contains { $0.isInstalled }
      }
    } catch {
      return false
    }
  }
}
