// SPDX-License-Identifier: MIT
import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// Works on the jobs of the queue, one after the other or several at a time.
actor Worker: ServiceLifecycle.Service {
  /// How a worker works.
  struct Settings: Sendable {
    /// How many jobs run at a time.
    var count = 1
    /// How often it is looked for abandoned jobs, and leases are renewed.
    var interval = Duration.seconds(15)
    /// Progress is kept not more often than this.
    var reportInterval = Duration.milliseconds(300)
    /// How long the work that runs is waited for when the process is told to end, before it is put back.
    var drain = Duration.zero
  }

  /// How soon it is looked again where others can change something at any time.
  private static let pause = Duration.milliseconds(500)
  /// For how many intervals a group is left to others that cannot be done here.
  private static let refusal = 40

  private let name = JobID().description
  private let queue: JobQueue
  private let runner: any JobRunner
  private let limits: ServiceLimits
  private let settings: Settings
  private let metrics: ServiceMetrics
  private let tracer: Tracer
  private let logger: Logger
  private var running: [ContentKey: Task<Void, Never>] = [:]
  private var isStopping = false
  /// Whether the process was told to end.
  private let isEnding = Atomic(false)
  /// Whether the folder could take results when it was last looked at.
  private var wasFit = true
  /// When what others have abandoned is taken up the next time.
  private var nextRecovery: ContinuousClock.Instant
  /// Groups that cannot be done here for lack of room or of a model, and until when they are left to others.
  private var refused: [ContentKey: ContinuousClock.Instant] = [:]

  init(
    queue: JobQueue, runner: any JobRunner, limits: ServiceLimits, settings: Settings,
    metrics: ServiceMetrics, tracer: Tracer, logger: Logger
  ) {
    self.queue = queue
    self.runner = runner
    self.limits = limits
    self.settings = settings
    self.metrics = metrics
    self.tracer = tracer
    // Those who were cut off like us come back at the same time and have to be heard first.
    nextRecovery = .now + settings.interval * 2
    self.logger = logger
  }

  /// Works until the process is told to end; what then still runs goes back into the queue.
  func run() async throws {
    if !queue.store.isShared {
      let recovered = try await queue.store.recover(except: nil)
      if recovered > 0 {
        logger.notice("Jobs were interrupted and run again.", metadata: ["jobs": "\(recovered)"])
      }
    }
    let watch = queue.feed.watch()
    let interval = settings.interval
    let ticker = Task {
      while !Task.isCancelled {
        try? await Task.sleep(for: interval)
        watch.wake()
      }
    }
    defer { ticker.cancel() }
    await withTaskCancellationOrGracefulShutdownHandler {
      for await _ in watch.hints {
        await look()
        if queue.store.isShared { try? await Task.sleep(for: Self.pause) }
      }
    } onCancelOrGracefulShutdown: {
      self.isEnding.store(true, ordering: .relaxed)
      watch.end()
    }
    await stop()
  }

  /// Stops what nobody wants any more, and begins what there is room for.
  private func look() async {
    do throws(ServiceError) {
      try await renewLeases()
      try await recover()
      while running.count < settings.count, mayBegin,
        let job = try await queue.store.claim(worker: name, except: refusedNow())
      {
        if let last = running[job.key] {
          // It was cancelled and asked for again before it had stopped.
          last.cancel()
          await last.value
        }
        begin(job)
      }
    } catch {
      guard error.code != .cancelled else { return }
      // Others could not renew their leases either.
      nextRecovery = max(nextRecovery, .now + settings.interval * 4)
      logger.error("The queue cannot be looked into.", metadata: ["error": "\(error)"])
    }
  }

  /// Whether the folder can take a result; where others work, too, theirs may.
  private var mayBegin: Bool {
    guard !isEnding.load(ordering: .relaxed) else { return false }
    guard queue.store.isShared else { return true }
    let isFit =
      (queue.bucketStorage != nil || queue.folder.isThere)
      && queue.folder.freeBytes > DataFolder.reserveBytes
    if wasFit, !isFit {
      logger.error("The data folder is not there, or has no room; nothing is begun.")
    }
    wasFit = isFit
    return isFit
  }

  private func refusedNow() -> Set<ContentKey> {
    refused = refused.filter { $0.value > .now }
    return Set(refused.keys)
  }

  /// Renews the leases of what runs here, and stops what is no longer ours.
  private func renewLeases() async throws(ServiceError) {
    queue.folder.touchStaging()
    let held = try await queue.store.renew(worker: name)
    for (key, task) in running where !held.contains(key) { task.cancel() }
    // Ours, and yet nobody works on it: its end could not be kept. The result may be there.
    for key in held where running[key] == nil {
      try await queue.store.release(key: key, worker: name, isCounted: false)
    }
  }

  /// Takes up what other workers have abandoned.
  private func recover() async throws(ServiceError) {
    guard .now >= nextRecovery else { return }
    let recovered = try await queue.store.recover(except: name)
    nextRecovery = .now + settings.interval
    if recovered > 0 {
      logger.notice("Another worker has lost its jobs.", metadata: ["jobs": "\(recovered)"])
    }
  }

  private func begin(_ job: Job) {
    logger.info(
      "A job begins.",
      metadata: ["job": "\(job.id)", "kind": "\(job.kind.rawValue)", "attempt": "\(job.attempt)"])
    let startedAt = job.startedAt ?? job.createdAt
    metrics.jobBegan(job.kind, waited: startedAt.timeIntervalSince(job.createdAt))
    running[job.key] = Task { await self.work(on: job) }
    queue.changed()
  }

  /// Waits for what runs as long as it may take, and puts the rest back.
  private func stop() async {
    let deadline = ContinuousClock.now + settings.drain
    var renewal = ContinuousClock.now + settings.interval
    while !running.isEmpty, .now < deadline, !Task.isCancelled {
      try? await Task.sleep(for: Self.pause)
      guard .now >= renewal else { continue }
      renewal = .now + settings.interval
      _ = try? await queue.store.renew(worker: name)
    }
    isStopping = true
    let tasks = Array(running.values)
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
    queue.feed.close()
  }

  private func work(on job: Job) async {
    let began = ContinuousClock.now
    let folder = queue.folder.newStaging()
    defer { try? FileManager.default.removeItem(at: folder) }
    let outcome: Result<JobResult, ServiceError>
    do throws(ServiceError) {
      outcome = .success(
        try await tracer.span(.consumer, below: TraceContext(job.trace)) {
          () async throws(ServiceError) in
          try await self.result(of: job, in: folder)
        } describe: {
          Self.description(of: job, $0)
        })
    } catch {
      outcome = .failure(error)
    }
    do throws(ServiceError) {
      try await end(job, outcome, seconds: (.now - began) / .seconds(1))
    } catch {
      // It stays ours until it is found that nobody works on it, or until its lease is over.
      logger.error("The end of a job cannot be kept.", metadata: ["error": "\(error)"])
    }
    running[job.key] = nil
    queue.changed()
  }

  /// Keeps how a job has ended.
  private func end(
    _ job: Job, _ outcome: Result<JobResult, ServiceError>, seconds: Double
  ) async throws(ServiceError) {
    switch outcome {
    case .success(let result):
      try await queue.store.finish(.succeeded(result), key: job.key, worker: name)
      logger.info(
        "A job has succeeded.", metadata: ["job": "\(job.id)", "seconds": "\(seconds.rounded())"])
      metrics.jobEnded(job.kind, "succeeded", seconds: seconds)
      if case .separation(let settings) = job.settings {
        metrics.separated(
          audioSeconds: job.audioSeconds, seconds: seconds, model: settings.model,
          precision: result.precision ?? settings.precision)
      }
    case .failure(let error) where error.code == .cancelled:
      // Nobody wants it, or the service stops: then it runs again after the next start.
      if isStopping {
        try await queue.store.release(key: job.key, worker: name, isCounted: false)
      }
      metrics.jobEnded(job.kind, "cancelled", seconds: seconds)
    case .failure(let error):
      logger.warning("A job failed.", metadata: ["job": "\(job.id)", "error": "\(error)"])
      metrics.jobFailed(job.kind, error.code)
      if queue.store.isShared, job.attempt < limits.attempts, Self.isOfThisPlace(error) {
        refused[job.key] = .now + settings.interval * Self.refusal
        try await queue.store.release(key: job.key, worker: name, isCounted: true)
        return
      }
      let failure = JobFailure(code: error.code.description, message: error.message)
      try await queue.store.finish(.failed(failure), key: job.key, worker: name)
      metrics.jobEnded(job.kind, "failed", seconds: seconds)
    }
  }

  /// Whether another worker may fare better: one with room, with the model, or with a better connection.
  private static func isOfThisPlace(_ error: ServiceError) -> Bool {
    [.full, .unavailable, .gone].contains(error.code)
  }

  private static func description(
    of job: Job, _ result: Result<JobResult, ServiceError>
  ) -> (name: String, attributes: [(String, Span.Attribute)], error: String?) {
    let waited = (job.startedAt ?? job.createdAt).timeIntervalSince(job.createdAt)
    var attributes: [(String, Span.Attribute)] = [
      ("tonmeister.job.id", .text(job.id.description)),
      ("tonmeister.job.attempt", .integer(job.attempt)),
      ("tonmeister.job.audio_seconds", .number(job.audioSeconds)),
      ("tonmeister.job.wait_seconds", .number(waited)),
    ]
    if case .separation(let settings) = job.settings {
      attributes.append(("tonmeister.model", .text(settings.model)))
    }
    var error: String?
    if case .failure(let failure) = result { error = failure.message }
    return ("job \(job.kind.rawValue)", attributes, error)
  }

  /// The result, made now unless it was complete before the last process ended.
  private func result(of job: Job, in folder: URL) async throws(ServiceError) -> JobResult {
    let (queue, runner) = (queue, runner)
    let reporter = ProgressReporter(
      key: job.key, worker: name, queue: queue, interval: settings.reportInterval)
    return try await withDeadline(limits.jobDuration, "The job") {
      () async throws(ServiceError) in
      if let result = queue.folder.result(job.key) {
        try await queue.bucketStorage?.keep(result, as: job.key)
        return result
      }
      guard queue.folder.freeBytes - job.expectedBytes > DataFolder.reserveBytes,
        mkdir(folder.path, 0o700) == 0
      else {
        throw ServiceError(.full, "There is no room for the result; free some space.")
      }
      if let storage = queue.bucketStorage {
        for input in job.inputs { try await storage.bring(input) }
        if let key = job.sourceKey, let result = try await queue.store.result(key) {
          try await storage.bring(result, of: key)
        }
      } else {
        // A file system that others share may show it elsewhere already.
        let paths = job.inputs.map { queue.folder.upload($0.sha256).path }
        guard paths.allSatisfy(FileManager.default.fileExists) else {
          throw ServiceError(.gone, "The file that was sent is not there; send it again.")
        }
      }
      let result = try await runner.run(job, in: folder) { await reporter.report($0) }
      let published = try queue.folder.publish(result, in: folder, as: job.key)
      try await queue.bucketStorage?.keep(published, as: job.key)
      return published
    }
  }
}
