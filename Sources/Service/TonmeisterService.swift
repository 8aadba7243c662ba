// SPDX-License-Identifier: MIT
import BrowserPage
import Foundation
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import Separation
import ServiceLifecycle
import UnixSignals

/// The service: jobs, their interface over HTTP and gRPC, and the page, in one process.
///
/// ```swift
/// let service = try TonmeisterService(configuration: ServiceConfiguration())
/// try await service.run()
/// ```
public struct TonmeisterService: Sendable {
  /// How it runs.
  public let configuration: ServiceConfiguration

  private let environment: ServiceEnvironment
  private let resources: Resources

  var queue: JobQueue { environment.queue }

  /// Opens the data folder; nothing listens yet.
  ///
  /// - Throws: `invalid` where the configuration is not safe or makes no sense, `unavailable` where the folder
  ///   cannot be used or another service uses it.
  public init(
    configuration: ServiceConfiguration, logger: Logger = Logger(label: "tonmeister"),
    metrics registry: PrometheusRegistry = PrometheusRegistry()
  ) throws(ServiceError) {
    try self.init(configuration: configuration, logger: logger, metrics: registry, runner: nil)
  }

  /// - Parameter runner: Does the work; nil for what does it really.
  init(
    configuration: ServiceConfiguration, logger: Logger, metrics registry: PrometheusRegistry,
    runner: (any JobRunner)?
  ) throws(ServiceError) {
    self.configuration = configuration
    environment = try ServiceEnvironment(
      configuration: configuration, changes: SQLChange.allCases, logger: logger, metrics: registry,
      runner: runner)
    resources = Resources(
      configuration: configuration, folder: environment.folder, queue: environment.queue,
      models: environment.models,
      probe: InputProbe(limits: configuration.limits),
      files: OnDemandFiles(folder: environment.folder, limits: configuration.limits),
      songs: AnalysedSongs(limits: configuration.limits), metrics: environment.metrics,
      tracer: environment.tracer,
      streams: StreamSlots(
        limit: configuration.limits.eventStreams, metrics: environment.metrics))
  }

  /// Serves until the process is told to end (SIGTERM, SIGINT): then answers on their way are finished, and the job
  /// that runs goes back into the queue.
  ///
  /// - Parameters:
  ///   - onListening: Told the port once connections are taken.
  ///   - onListeningRPC: Told the port once calls over gRPC are taken.
  /// - Throws: `unavailable` for a port that is taken, and what else listening throws.
  public func run(
    onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in },
    onListeningRPC: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
  ) async throws {
    try await environment.prepare()
    var services = environment.services
    if configuration.concurrentJobs > 0 { services.append(environment.worker()) }
    services.append(environment.sweeper(sweepsBucket: true))
    if let port = configuration.rpcPort {
      let server = try RPCServer(
        resources: resources, host: configuration.host, port: port, logger: environment.logger,
        onListening: onListeningRPC)
      services.append(
        PortServer(server: server, host: configuration.host, port: port, option: "--grpc-port"))
    }
    services.append(
      PortServer(
        server: application(onListening), host: configuration.host, port: configuration.port,
        option: "--port"))
    var group = ServiceGroupConfiguration(
      services: services,
      gracefulShutdownSignals: [.sigterm, .sigint], logger: environment.logger)
    group.maximumGracefulShutdownDuration = .seconds(20)
    try await ServiceGroup(configuration: group).run()
  }

  private func application(
    _ onListening: @escaping @Sendable (_ port: Int) async -> Void
  ) -> some ServiceLifecycle.Service {
    let limits = configuration.limits
    let idleTimeout = TimeAmount.seconds(limits.idleTimeout.components.seconds)
    return Application(
      router: router,
      server: .http1(
        configuration: .init(
          additionalChannelHandlers: [StalledAnswerHandler(limit: idleTimeout * 4)],
          idleTimeout: idleTimeout,
          httpDecoderConfiguration: .init(
            maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))),
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.host, port: configuration.port),
        serverName: "tonmeister",
        availableConnectionsDelegate: MaximumAvailableConnections(limits.connections)),
      onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
      logger: environment.logger)
  }

  /// All that can be asked.
  var router: Router<ServiceContext> {
    let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
    router.add(
      middleware: ObservingMiddleware(metrics: environment.metrics, tracer: environment.tracer))
    router.add(middleware: PlaceMiddleware(configuration))
    router.add(middleware: TokenMiddleware(tokens: configuration.tokens))
    let routes = RouteTable(router)
    resources.register(in: routes)
    let page = ProgramResources.file(
      BrowserPage.folder, of: BrowserPage.target, installedAs: "page")
    PageFiles(folder: page).register(in: routes)
    routes.finish()
    return router
  }
}
