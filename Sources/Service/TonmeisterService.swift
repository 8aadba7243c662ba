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

/// The service: jobs, their interface over HTTP, and the page, in one process.
///
/// ```swift
/// let service = try TonmeisterService(configuration: ServiceConfiguration())
/// try await service.run()
/// ```
public struct TonmeisterService: Sendable {
  /// How it runs.
  public let configuration: ServiceConfiguration

  let queue: JobQueue
  private let folder: DataFolder
  private let lock: FolderLock
  private let resources: Resources
  private let metrics: ServiceMetrics
  private let logger: Logger
  private let runner: any JobRunner

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
    try configuration.validate()
    self.configuration = configuration
    self.logger = logger
    folder = DataFolder(url: configuration.dataFolder)
    try folder.makeFolders()
    lock = try folder.lock()
    folder.removeIncomplete()
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let threads =
      configuration.concurrentJobs == 1 ? 0 : max(1, cores / configuration.concurrentJobs)
    metrics = ServiceMetrics(registry: registry)
    queue = JobQueue(
      store: try SQLiteJobStore(path: folder.database), folder: folder, feed: JobFeed(),
      limits: configuration.limits, retention: configuration.retention,
      workers: configuration.concurrentJobs,
      clientCount: Set(configuration.tokens.map(\.client)).count)
    let models = ModelShelf(repository: configuration.modelRepository, threads: threads)
    self.runner =
      runner
      ?? Workshop(
        folder: folder, limits: configuration.limits, models: models, threads: threads)
    resources = Resources(
      configuration: configuration, folder: folder, queue: queue,
      models: models,
      probe: InputProbe(limits: configuration.limits),
      files: OnDemandFiles(folder: folder, limits: configuration.limits),
      songs: AnalysedSongs(limits: configuration.limits), metrics: metrics)
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
    let worker = Worker(
      queue: queue, runner: runner, limits: configuration.limits,
      count: configuration.concurrentJobs, metrics: metrics, logger: logger)
    let sweeper = Sweeper(
      queue: queue, folder: folder, retention: configuration.retention, logger: logger)
    var services: [any ServiceLifecycle.Service] = [worker, sweeper]
    if let port = configuration.rpcPort {
      services.append(
        try RPCServer(
          resources: resources, host: configuration.host, port: port, onListening: onListeningRPC))
    }
    services.append(application(onListening))
    var group = ServiceGroupConfiguration(
      services: services,
      gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    group.maximumGracefulShutdownDuration = .seconds(20)
    do {
      try await ServiceGroup(configuration: group).run()
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw ServiceError(
        .unavailable,
        "Port \(configuration.port) of \(configuration.host) is taken by another program; stop it, or "
          + "name another with --port.")
    } catch let error as IOError where error.errnoCode == EACCES {
      throw ServiceError(
        .unavailable,
        "Port \(configuration.port) may not be listened at by this user; name another with --port.")
    }
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
      logger: logger)
  }

  /// All that can be asked.
  var router: Router<ServiceContext> {
    let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: ObservingMiddleware(metrics: metrics))
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
