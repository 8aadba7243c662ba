// SPDX-License-Identifier: MIT
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging
import NIOCore
import RPCInterface
import Separation
import ServiceLifecycle

/// The interface over gRPC, beside that over HTTP.
struct RPCServer: ServiceLifecycle.Service {
  private static let services = [
    Demixing_demixing.descriptor, Tonmeister_V1_Separations.descriptor,
    Grpc_Health_V1_Health.descriptor, Grpc_Reflection_V1_ServerReflection.descriptor,
  ].map(\.fullyQualifiedService)

  /// The calls of one connection at a time.
  private static let callsOfConnection = 32

  private let server: GRPCServer<HTTP2ServerTransport.Posix>
  private let ending: Ending
  private let onListening: @Sendable (_ port: Int) async -> Void

  /// - Parameters:
  ///   - host: The name or address to listen at.
  ///   - port: The port; 0 for a free one.
  ///   - onListening: Told the port once calls are taken.
  /// - Throws: `invalid` where there is no such address, `unavailable` where the description of the interface is
  ///   missing.
  init(
    resources: Resources, host: String, port: Int, logger: Logger,
    onListening: @escaping @Sendable (_ port: Int) async -> Void
  ) throws(ServiceError) {
    guard
      let file = ProgramResources.file(
        RPCDescriptors.file, of: RPCDescriptors.target, installedAs: "rpc"),
      let descriptors = try? Data(contentsOf: file),
      let reflection = try? ReflectionMethods(services: Self.services, descriptors: descriptors)
    else {
      throw ServiceError(
        .unavailable,
        "The description of the interface is missing; keep the folders that come with the "
          + "program beside it.")
    }
    let access = RPCAccess(
      tokens: resources.configuration.tokens,
      open: [Grpc_Health_V1_Health.descriptor.fullyQualifiedService])
    server = GRPCServer(
      transport: HTTP2ServerTransport.Posix(
        address: try Self.address(host, port), transportSecurity: .plaintext,
        config: .defaults {
          $0.rpc.maxRequestPayloadSize = resources.limits.callBytes
          $0.http2.maxConcurrentStreams = Self.callsOfConnection
          $0.connection.maxIdleTime = .seconds(600)
        }),
      services: [
        DemixingMethods(resources: resources, access: access),
        SeparationMethods(resources: resources, access: access),
        HealthMethods(services: Set(Self.services), feed: resources.queue.feed), reflection,
      ],
      interceptors: [
        RPCObserver(metrics: resources.metrics, tracer: resources.tracer, logger: logger), access,
      ])
    ending = resources.ending
    self.onListening = onListening
  }

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.serve() }
        // Where there is none, serving says why.
        if let address = try? await server.listeningAddress {
          await onListening(address.ipv4?.port ?? address.ipv6?.port ?? 0)
        }
        try await group.waitForAll()
      }
    } onGracefulShutdown: {
      ending.begin()
      server.beginGracefulShutdown()
    }
  }

  private static func address(
    _ host: String, _ port: Int
  ) throws(ServiceError) -> GRPCNIOTransportCore.SocketAddress {
    let resolved: NIOCore.SocketAddress
    do {
      resolved = try .makeAddressResolvingHost(host, port: port)
    } catch {
      throw ServiceError(.invalid, "\(host): there is no such name or address to listen at.")
    }
    let name = resolved.ipAddress ?? host
    if case .v6 = resolved { return .ipv6(host: name, port: port) }
    return .ipv4(host: name, port: port)
  }
}
