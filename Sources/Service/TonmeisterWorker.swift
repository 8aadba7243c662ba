// SPDX-License-Identifier: MIT
import Foundation
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// Works on the jobs of a service that other processes serve: as many as there are, on as many machines.
///
/// They have a PostgreSQL database and a data folder in common (``ServiceConfiguration/store``,
/// ``ServiceConfiguration/dataFolder``).
public struct TonmeisterWorker: Sendable {
  private let environment: ServiceEnvironment
  private let metricsPort: Int?
  private let drain: Duration

  /// Opens the data folder and the database; nothing is begun yet.
  ///
  /// - Parameters:
  ///   - metricsPort: The port of `/healthz` and `/metrics`; 0 for a free one, nil for none.
  ///   - drain: How long the work that runs is waited for when the process is told to end.
  /// - Throws: `invalid` where the configuration is not safe or makes no sense, `unavailable` where the folder or the
  ///   database cannot be used.
  public init(
    configuration: ServiceConfiguration, metricsPort: Int? = nil, drain: Duration = .seconds(600),
    logger: Logger = Logger(label: "tonmeister"), metrics: PrometheusRegistry = PrometheusRegistry()
  ) throws(ServiceError) {
    try self.init(
      configuration: configuration, metricsPort: metricsPort, drain: drain, logger: logger,
      metrics: metrics, runner: nil)
  }

  /// - Parameter runner: Does the work; nil for what does it really.
  init(
    configuration: ServiceConfiguration, metricsPort: Int?, drain: Duration, logger: Logger,
    metrics: PrometheusRegistry, runner: (any JobRunner)?
  ) throws(ServiceError) {
    guard configuration.store != nil else {
      throw ServiceError(
        .invalid, "A worker needs a store that it shares: --store postgres://USER@HOST/DATABASE.")
    }
    guard configuration.concurrentJobs > 0 else {
      throw ServiceError(.invalid, "A worker works on at least one job at a time.")
    }
    guard (0...65_535).contains(metricsPort ?? 0) else {
      throw ServiceError(.invalid, "The port must be from 0 to 65535.")
    }
    environment = try ServiceEnvironment(
      configuration: configuration, changes: [.queue], logger: logger, metrics: metrics,
      runner: runner)
    self.metricsPort = metricsPort
    self.drain = drain
  }

  /// Works until the process is told to end (SIGTERM, SIGINT): then nothing new is begun, and what runs is finished.
  ///
  /// - Parameter onListening: Told the port of the metrics once connections are taken.
  /// - Throws: `unavailable` for a port that is taken, and what else listening throws.
  public func run(
    onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
  ) async throws {
    try await environment.prepare()
    var services = environment.services
    // What is begun first ends last: the metrics tell of the work until its end.
    if let metricsPort {
      services.append(
        PortServer(
          server: metrics(metricsPort, onListening), host: environment.configuration.host,
          port: metricsPort, option: "--metrics-port"))
    }
    services.append(environment.worker(drain: drain))
    // Where the folder is this machine's own, nobody else keeps it clean.
    if environment.configuration.bucket != nil {
      services.append(environment.sweeper(sweepsBucket: false))
    }
    var group = ServiceGroupConfiguration(
      services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: environment.logger)
    group.maximumGracefulShutdownDuration = drain + .seconds(20)
    try await ServiceGroup(configuration: group).run()
  }

  private func metrics(
    _ port: Int, _ onListening: @escaping @Sendable (_ port: Int) async -> Void
  ) -> some ServiceLifecycle.Service {
    let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: PlaceMiddleware(environment.configuration))
    router.add(middleware: TokenMiddleware(tokens: environment.configuration.tokens))
    let routes = RouteTable(router)
    let (queue, metrics) = (environment.queue, environment.metrics)
    routes.getOpenly("/healthz") { _, _ in .json(["status": "ok"]) }
    routes.get("/metrics") { _, _ in try await HealthResource.metrics(metrics, queue) }
    routes.finish()
    return Application(
      router: router,
      server: .http1(configuration: .init(idleTimeout: .seconds(30))),
      configuration: ApplicationConfiguration(
        address: .hostname(environment.configuration.host, port: port), serverName: "tonmeister",
        availableConnectionsDelegate: MaximumAvailableConnections(64)),
      onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
      logger: environment.logger)
  }
}
