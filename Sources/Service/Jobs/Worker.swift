// SPDX-License-Identifier: MIT
import Foundation
import Logging
import ServiceLifecycle

/// Works on the jobs of the queue, one after the other or several at a time.
actor Worker: ServiceLifecycle.Service {
  /// How long a group is ours without a sign of life.
  private static let lease = 60.0
  /// How often it is looked for abandoned jobs, and leases are renewed.
  private static let interval = Duration.seconds(15)
  /// Progress is kept not more often than this.
  static let reportInterval = Duration.milliseconds(300)

  private let name = JobID().description
  private let queue: JobQueue
  private let runner: any JobRunner
  private let limits: ServiceLimits
  private let count: Int
  private let metrics: ServiceMetrics
  private let logger: Logger
  private var running: [ContentKey: Task<Void, Never>] = [:]
  private var isStopping = false
  private var lastRecovery: ContinuousClock.Instant?

  init(
    queue: JobQueue, runner: any JobRunner, limits: ServiceLimits, count: Int,
    metrics: ServiceMetrics, logger: Logger
  ) {
    self.queue = queue
    self.runner = runner
    self.limits = limits
    self.count = count
    self.metrics = metrics
    self.logger = logger
  }

  /// Works until the service shuts down; what runs then goes back into the queue.
  func run() async throws {
    let recovered = try await queue.store.recover(
      except: nil, now: Date(), attempts: limits.attempts, expiresAt: queue.expiry(Date()))
    if recovered > 0 {
      logger.notice("Jobs were interrupted and run again.", metadata: ["jobs": "\(recovered)"])
    }
    let watch = queue.feed.watch()
    let ticker = Task {
      while !Task.isCancelled {
        try? await Task.sleep(for: Self.interval)
        watch.wake()
      }
    }
    defer { ticker.cancel() }
    await withTaskCancellationOrGracefulShutdownHandler {
      for await _ in watch.hints {
        if isStopping { break }
        await look()
      }
    } onCancelOrGracefulShutdown: {
      Task { await self.stop() }
    }
    await stop()
  }

  /// Begins what there is room for, and stops what nobody wants any more.
  private func look() async {
    do throws(ServiceError) {
      try await recover()
      try await stopUnwanted()
      while running.count < count, !isStopping {
        let now = Date()
        guard
          let job = try await queue.store.claim(
            worker: name, now: now, leaseUntil: now.addingTimeInterval(Self.lease))
        else { break }
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

  /// Takes up what other workers have abandoned, and tells them that we have not.
  private func recover() async throws(ServiceError) {
    if let lastRecovery, .now - lastRecovery < Self.interval { return }
    lastRecovery = .now
    try await queue.store.renew(
      worker: name, leaseUntil: Date().addingTimeInterval(Self.lease))
    _ = try await queue.store.recover(
      except: name, now: Date(), attempts: limits.attempts, expiresAt: queue.expiry(Date()))
  }

  private func begin(_ job: Job) {
    logger.info(
      "A job begins.",
      metadata: ["job": "\(job.id)", "kind": "\(job.kind.rawValue)", "attempt": "\(job.attempt)"])
    running[job.key] = Task { await self.work(on: job) }
    queue.changed()
  }

  private func stopUnwanted() async throws(ServiceError) {
    let begun = try await queue.store.queue().running
    let wanted = Set(begun.map(\.key))
    let unwanted = running.filter { !wanted.contains($0.key) }.map(\.value)
    for task in unwanted { task.cancel() }
    for task in unwanted { await task.value }
    // Ours, and yet nobody works on it: its end could not be kept. The result may be there.
    for job in begun where job.worker == name && running[job.key] == nil {
      try await queue.store.release(key: job.key, worker: name)
    }
  }

  private func stop() async {
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
      let result = try await result(of: job, in: folder)
      try await finish(.succeeded(result), job)
      metrics.jobEnded(job.kind, "succeeded", seconds: (clock.now - began) / .seconds(1))
      if job.kind == .separation, job.audioSeconds > 0 {
        metrics.separated(
          audioSeconds: job.audioSeconds, seconds: (clock.now - began) / .seconds(1))
      }
    } catch {
      await fail(job, error, seconds: (clock.now - began) / .seconds(1))
    }
    running[job.key] = nil
    queue.changed()
  }

  /// The result, made now unless it was complete before the last process ended.
  private func result(of job: Job, in folder: URL) async throws(ServiceError) -> JobResult {
    if let result = queue.folder.result(job.key) { return result }
    guard queue.folder.freeBytes - job.expectedBytes > DataFolder.reserveBytes,
      mkdir(folder.path, 0o700) == 0
    else {
      throw ServiceError(.full, "There is no room for the result; free some space.")
    }
    let reporter = ProgressReporter(
      key: job.key, worker: name, lease: Self.lease, queue: queue, interval: Self.reportInterval)
    let runner = runner
    let result = try await withDeadline(limits.jobDuration, "The job") {
      () async throws(ServiceError) in
      try await runner.run(job, in: folder) { await reporter.report($0) }
    }
    return try queue.folder.publish(result, in: folder, as: job.key)
  }

  private func fail(_ job: Job, _ error: ServiceError, seconds: Double) async {
    do throws(ServiceError) {
      if error.code == .cancelled {
        // Nobody wants it, or the service stops: then it runs again after the next start.
        if isStopping { try await queue.store.release(key: job.key, worker: name) }
        metrics.jobEnded(job.kind, "cancelled", seconds: seconds)
        return
      }
      logger.warning("A job failed.", metadata: ["job": "\(job.id)", "error": "\(error)"])
      try await finish(
        .failed(JobFailure(code: error.code.description, message: error.message)), job)
      metrics.jobEnded(job.kind, "failed", seconds: seconds)
    } catch {
      logger.error("The end of a job cannot be kept.", metadata: ["error": "\(error)"])
    }
  }

  private func finish(_ outcome: JobOutcome, _ job: Job) async throws(ServiceError) {
    let now = Date()
    try await queue.store.finish(
      outcome, key: job.key, worker: name, now: now, expiresAt: queue.expiry(now))
  }
}
