// SPDX-License-Identifier: MIT
import Foundation
import Logging
import ServiceLifecycle

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
  private static let pause = Duration.milliseconds(100)

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
  private var lastRecovery: ContinuousClock.Instant?
  /// When work may be begun again after there was no room for a result.
  private var restsUntil = ContinuousClock.now

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
      watch.end()
    }
    await stop()
  }

  /// Stops what nobody wants any more, and begins what there is room for.
  private func look() async {
    do throws(ServiceError) {
      try await keepHold()
      try await recover()
      while running.count < settings.count, mayBegin,
        let job = try await queue.store.claim(worker: name)
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
      logger.error("The queue cannot be looked into.", metadata: ["error": "\(error)"])
    }
  }

  /// Whether there is room for a result; where others work, too, they may have some.
  private var mayBegin: Bool {
    guard queue.store.isShared else { return true }
    return .now >= restsUntil && queue.folder.freeBytes > DataFolder.reserveBytes
  }

  /// Renews the leases of what runs here, and stops what is no longer ours.
  private func keepHold() async throws(ServiceError) {
    let held = try await queue.store.renew(worker: name)
    let unwanted = running.filter { !held.contains($0.key) }.map(\.value)
    for task in unwanted { task.cancel() }
    for task in unwanted { await task.value }
    // Ours, and yet nobody works on it: its end could not be kept. The result may be there.
    for key in held where running[key] == nil {
      try await queue.store.release(key: key, worker: name, isCounted: false)
    }
  }

  /// Takes up what other workers have abandoned.
  private func recover() async throws(ServiceError) {
    if let lastRecovery, .now - lastRecovery < settings.interval { return }
    let recovered = try await queue.store.recover(except: name)
    lastRecovery = .now
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
    let clock = ContinuousClock()
    let began = clock.now
    let folder = queue.folder.newStaging()
    defer { try? FileManager.default.removeItem(at: folder) }
    do throws(ServiceError) {
      let result = try await tracer.span(.consumer, below: TraceContext(job.trace)) {
        () async throws(ServiceError) in
        try await self.result(of: job, in: folder)
      } describe: {
        Self.description(of: job, $0)
      }
      try await finish(.succeeded(result), job)
      metrics.jobEnded(job.kind, "succeeded", seconds: (clock.now - began) / .seconds(1))
      if case .separation(let settings) = job.settings {
        metrics.separated(
          audioSeconds: job.audioSeconds, seconds: (clock.now - began) / .seconds(1),
          model: settings.model, precision: settings.precision)
      }
    } catch {
      await fail(job, error, seconds: (clock.now - began) / .seconds(1))
    }
    running[job.key] = nil
    queue.changed()
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
    if let result = queue.folder.result(job.key) {
      try await queue.depot?.keep(result, as: job.key)
      return result
    }
    guard queue.folder.freeBytes - job.expectedBytes > DataFolder.reserveBytes,
      mkdir(folder.path, 0o700) == 0
    else {
      throw ServiceError(.full, "There is no room for the result; free some space.")
    }
    let reporter = ProgressReporter(
      key: job.key, worker: name, queue: queue, interval: settings.reportInterval)
    let runner = runner
    if let depot = queue.depot { try await bring(job, from: depot) }
    let result = try await withDeadline(limits.jobDuration, "The job") {
      () async throws(ServiceError) in
      try await runner.run(job, in: folder) { await reporter.report($0) }
    }
    let published = try queue.folder.publish(result, in: folder, as: job.key)
    try await queue.depot?.keep(published, as: job.key)
    return published
  }

  /// Brings what a job is made of.
  private func bring(_ job: Job, from depot: Depot) async throws(ServiceError) {
    for input in job.inputs { try await depot.bring(upload: input.sha256) }
    guard let key = job.sourceKey, let result = try await queue.store.result(key) else { return }
    try await depot.bring(result, of: key)
  }

  private func fail(_ job: Job, _ error: ServiceError, seconds: Double) async {
    do throws(ServiceError) {
      if error.code == .cancelled {
        // Nobody wants it, or the service stops: then it runs again after the next start.
        if isStopping {
          try await queue.store.release(key: job.key, worker: name, isCounted: false)
        }
        metrics.jobEnded(job.kind, "cancelled", seconds: seconds)
        return
      }
      metrics.jobFailed(job.kind, error.code)
      logger.warning("A job failed.", metadata: ["job": "\(job.id)", "error": "\(error)"])
      if error.code == .full, queue.store.isShared, job.attempt < limits.attempts {
        // Another worker may have room; this one lets others go first.
        restsUntil = .now + settings.interval
        try await queue.store.release(key: job.key, worker: name, isCounted: true)
        return
      }
      try await finish(
        .failed(JobFailure(code: error.code.description, message: error.message)), job)
      metrics.jobEnded(job.kind, "failed", seconds: seconds)
    } catch {
      logger.error("The end of a job cannot be kept.", metadata: ["error": "\(error)"])
    }
  }

  private func finish(_ outcome: JobOutcome, _ job: Job) async throws(ServiceError) {
    try await queue.store.finish(outcome, key: job.key, worker: name)
  }
}
