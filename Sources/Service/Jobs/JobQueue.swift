// SPDX-License-Identifier: MIT
import Foundation
import Synchronization

/// Takes jobs in, tells how they stand, and cancels them.
final class JobQueue: Sendable {
  /// A job and its place in the queue.
  struct Standing: Sendable, Equatable {
    var job: Job
    /// From 1, while it waits.
    var position: Int?
    /// The seconds until it begins, while it waits.
    var waitSeconds: Double?
  }

  let store: any JobStore
  let folder: DataFolder
  let feed: JobFeed
  /// What keeps uploads and results, where the folder is not the place for that.
  let bucketStorage: BucketStorage?
  private let limits: ServiceLimits
  private let workers: Int
  /// How many places of the queue one client may have.
  private let share: Int
  /// Uploads on their way by client, which have a place in the queue already.
  private let uploads = Mutex<[ClientID: Int]>([:])

  init(
    store: any JobStore, folder: DataFolder, feed: JobFeed, limits: ServiceLimits,
    workers: Int, clientCount: Int = 1, bucketStorage: BucketStorage? = nil
  ) {
    share = clientCount > 1 ? limits.share : limits.queueLength
    self.store = store
    self.bucketStorage = bucketStorage
    self.folder = folder
    self.feed = feed
    self.limits = limits
    self.workers = workers
  }

  /// Tells watchers and workers to look.
  func changed() { feed.changed() }

  /// Holds a place in the queue while an upload is on its way.
  ///
  /// - Throws: `busy` where there is none.
  func reserve<Value>(
    for client: ClientID, _ body: () async throws(ServiceError) -> Value
  ) async throws(ServiceError) -> Value {
    let snapshot = try await store.queue()
    let waiting = snapshot.waiting.entries
    let own = waiting.count { $0.client == client }
    let isFull = uploads.withLock { uploads in
      let others = uploads.values.reduce(0, +)
      let ownUploads = uploads[client] ?? 0
      guard waiting.count + others < limits.queueLength, own + ownUploads < share else {
        return true
      }
      uploads[client] = ownUploads + 1
      return false
    }
    if isFull { throw try await full(snapshot) }
    defer {
      uploads.withLock { uploads in
        let left = (uploads[client] ?? 1) - 1
        uploads[client] = left > 0 ? left : nil
      }
    }
    return try await body()
  }

  private func full(_ snapshot: QueueSnapshot) async throws(ServiceError) -> ServiceError {
    let wait = PaceEstimate(measured: try await store.pace())
      .wait(position: 2, in: snapshot, workers: workers)
    return ServiceError(
      .busy,
      "As many jobs wait already as the queue holds (\(limits.queueLength), \(share) of one client); "
        + "try again later.",
      retryAfterSeconds: min(max(Int(wait.rounded(.up)), 1), 3600))
  }

  /// Adds a job.
  ///
  /// - Parameter files: Uploads that it needs, by digest.
  /// - Throws: `busy`, `full`, `unavailable`.
  func submit(_ job: Job, files: [StagedFile] = []) async throws(ServiceError) -> Standing {
    let (folder, bucketStorage, key) = (folder, bucketStorage, job.key)
    if let bucketStorage { for file in files { try await bucketStorage.keep(file) } }
    let job = try await store.submit(job) { () throws(ServiceError) in
      // In a bucket, what counts is what a job tells of it.
      if bucketStorage == nil, let result = folder.result(key) { return result }
      for file in files { try file.keep(in: folder) }
      return nil
    }
    changed()
    return try await standing(job)
  }

  /// The job of a client.
  ///
  /// - Throws: `notFound`, `gone`.
  func job(_ id: String, of client: ClientID) async throws(ServiceError) -> Job {
    guard let identifier = JobID(id), let job = try await store.job(identifier),
      job.client == client
    else { throw .noJob(id) }
    guard job.state != .expired else {
      throw ServiceError(.gone, "The result of this job was removed; send the song again.")
    }
    return job
  }

  /// Where a job stands.
  func standing(_ job: Job) async throws(ServiceError) -> Standing {
    guard job.state == .queued else { return Standing(job: job) }
    let queue = try await store.queue()
    let pace = PaceEstimate(measured: try await store.pace())
    return standing(job, queue, pace)
  }

  /// Where jobs stand.
  func standings(_ jobs: [Job]) async throws(ServiceError) -> [Standing] {
    let queue = try await store.queue()
    let pace = PaceEstimate(measured: try await store.pace())
    return jobs.map { standing($0, queue, pace) }
  }

  private func standing(_ job: Job, _ queue: QueueSnapshot, _ pace: PaceEstimate) -> Standing {
    guard job.state == .queued, let position = queue.waiting.position(of: job.id) else {
      return Standing(job: job)
    }
    return Standing(
      job: job, position: position,
      waitSeconds: pace.wait(position: position, in: queue, workers: workers))
  }

  /// Cancels a job that waits or runs.
  func cancel(_ job: Job) async throws(ServiceError) -> Job {
    let cancelled = try await store.cancel(job.id)
    changed()
    return cancelled ?? job
  }

  /// Removes a job that has ended; its files go when nothing refers to them any more.
  func remove(_ job: Job) async throws(ServiceError) {
    try await store.remove(job.id)
    changed()
  }

  /// What watchers wait before they look again, so that many steps cost as much as one.
  static func pause() async { try? await Task.sleep(for: .milliseconds(200)) }

  /// Waits until a job has ended.
  ///
  /// - Throws: `failed` where it has no result, `unavailable` where the service shuts down before.
  func finished(_ id: JobID) async throws(ServiceError) -> Job {
    let watch = feed.watch()
    defer { watch.end() }
    let job = try await watch.untilShutdown { () async throws(ServiceError) -> Job? in
      for await _ in watch.hints {
        guard let job = try await store.job(id) else { throw .noJob(id.description) }
        if job.state.isFinal { return job }
        await Self.pause()
      }
      return nil
    }
    guard let job else { throw .shutsDown }
    guard job.state == .succeeded else {
      throw job.state == .cancelled
        ? .cancelled : ServiceError(.failed, job.failure?.message ?? "The job has failed.")
    }
    return job
  }
}
