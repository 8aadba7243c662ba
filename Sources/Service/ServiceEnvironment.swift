// SPDX-License-Identifier: MIT
import Foundation
import Logging
import ServiceLifecycle

/// What a service and a worker have in common: the folder, the jobs, and what works on them.
struct ServiceEnvironment: Sendable {
  let configuration: ServiceConfiguration
  let folder: DataFolder
  let queue: JobQueue
  let models: ModelShelf
  let metrics: ServiceMetrics
  let tracer: Tracer
  let logger: Logger
  /// What has to run beside everything else.
  let services: [any ServiceLifecycle.Service]
  private let lock: FolderLock
  /// What the bucket is marked with, where there is one.
  private let bucketOwner: String?
  private let runner: any JobRunner

  /// Opens the data folder and the store.
  ///
  /// - Parameters:
  ///   - changes: What this process has to hear of when others change it.
  ///   - runner: Does the work; nil for what does it really.
  /// - Throws: `invalid` where the configuration is not safe or makes no sense, `unavailable` where the folder or the
  ///   database cannot be used.
  init(
    configuration: ServiceConfiguration, changes: [SQLChange], logger: Logger,
    metrics registry: PrometheusRegistry, runner: (any JobRunner)?
  ) throws(ServiceError) {
    try configuration.validate()
    self.configuration = configuration
    self.logger = logger
    folder = DataFolder(url: configuration.dataFolder)
    try folder.makeFolders()
    lock = try folder.lock(isShared: configuration.store != nil)
    let (folder, environment) = (folder, ProcessInfo.processInfo.environment)
    let bucketStorage = try configuration.bucket.map { url throws(ServiceError) in
      BucketStorage(bucket: try Bucket(url: url, environment: environment), folder: folder)
    }
    folder.removeIncomplete(olderThan: configuration.stagingAge)
    metrics = ServiceMetrics(registry: registry)
    let exporter = configuration.traces.map { TraceExporter(endpoint: $0, logger: logger) }
    tracer = Tracer(exporter: exporter)
    var services: [any ServiceLifecycle.Service] = []
    if let exporter { services.append(exporter) }
    let feed = JobFeed()
    let database: any SQLDatabase
    var bucketOwner: String?
    if let store = configuration.store {
      let shared = try PostgreSQLDatabase(url: store)
      if let url = configuration.bucket {
        bucketOwner = try shared.owner(ofBucket: url)
      } else {
        try shared.check(folder)
      }
      let listener = PostgreSQLListener(url: store, changes: changes)
      services.append(ChangeListener(listener: listener, feed: feed, logger: logger))
      database = shared
    } else {
      database = try SQLiteDatabase(path: folder.database)
    }
    self.services = services
    self.bucketOwner = bucketOwner
    queue = JobQueue(
      store: SQLJobStore(database, policy: configuration.jobPolicy), folder: folder, feed: feed,
      limits: configuration.limits, workers: configuration.concurrentJobs,
      clientCount: Set(configuration.tokens.map(\.client)).count, bucketStorage: bucketStorage)
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let jobs = max(1, configuration.concurrentJobs)
    let threads = jobs == 1 ? 0 : max(1, cores / jobs)
    models = ModelShelf(repository: configuration.modelRepository, threads: threads)
    self.runner =
      runner
      ?? Workshop(
        folder: folder, limits: configuration.limits, models: models, threads: threads)
  }

  /// Makes sure that the bucket is there, and ours.
  ///
  /// - Throws: `unavailable`.
  func prepare() async throws(ServiceError) {
    guard let bucketOwner else { return }
    try await queue.bucketStorage?.claim(for: bucketOwner)
  }

  /// Works on jobs.
  ///
  /// - Parameter drain: How long the work that runs is waited for when the process is told to end.
  func worker(drain: Duration = .zero) -> Worker {
    var settings = Worker.Settings()
    settings.count = configuration.concurrentJobs
    settings.interval = configuration.lease / 4
    // Each report is a transaction of a database that all have in common.
    if queue.store.isShared { settings.reportInterval = .seconds(1) }
    settings.drain = drain
    return Worker(
      queue: queue, runner: runner, limits: configuration.limits, settings: settings,
      metrics: metrics, tracer: tracer, logger: logger)
  }

  /// Removes what is too old.
  ///
  /// - Parameter sweepsBucket: Whether also from the bucket, where there is one.
  func sweeper(sweepsBucket: Bool) -> Sweeper {
    Sweeper(
      queue: queue, folder: folder, retention: configuration.retention, sweepsBucket: sweepsBucket,
      stagingAge: configuration.stagingAge, logger: logger)
  }
}

extension ServiceConfiguration {
  /// What jobs are held to.
  fileprivate var jobPolicy: JobPolicy {
    var policy = JobPolicy()
    policy.queueLength = limits.queueLength
    policy.attempts = limits.attempts
    policy.lease = lease / .seconds(1)
    policy.resultsAreInBucket = bucket != nil
    if Set(tokens.map(\.client)).count > 1 { policy.share = limits.share }
    policy.terms = JobTerms(keep: retention.days * 86_400, audioSeconds: limits.audioSeconds)
    return policy
  }

  /// After how many seconds of silence it is looked whether a process has ended; where there can be no other, at once.
  fileprivate var stagingAge: Double { store == nil ? 0 : 2 * (lease / .seconds(1)) }
}
