// SPDX-License-Identifier: MIT
import Foundation

/// Keeps the jobs.
///
/// What it says has been kept survives the end of the process at any moment.
///
/// Jobs with the same key are a group: they are begun, reported, and finished together. Every method is one
/// step that happens as a whole or not at all, also where several processes share a store. The time is that of the
/// store, which all who share it have in common.
protocol JobStore: Sendable {
  /// Whether several processes may use it, on several machines.
  var isShared: Bool { get }

  /// Adds a job.
  ///
  /// Where its group runs it joins in; where its result is there it has succeeded at once.
  ///
  /// - Parameter adopt: Called before the job is added, while nothing can be removed: brings its files in place,
  ///   and returns the result where that is there.
  /// - Throws: `busy` where the queue is full.
  func submit(
    _ job: Job, adopt: @escaping @Sendable () throws(ServiceError) -> JobResult?
  ) async throws(ServiceError) -> Job

  /// The job of an identifier.
  func job(_ id: JobID) async throws(ServiceError) -> Job?

  /// The jobs of a client from the newest, only those that came before another where that is named.
  func jobs(
    of client: ClientID, before: JobID?, limit: Int
  ) async throws(ServiceError) -> [Job]

  /// The newest job of a client of a kind.
  func newest(_ kind: JobKind, of client: ClientID) async throws(ServiceError) -> Job?

  /// The result that an earlier job of a key has; nil where there is none.
  func result(_ key: ContentKey) async throws(ServiceError) -> JobResult?

  /// What waits and what runs.
  func queue() async throws(ServiceError) -> QueueSnapshot

  /// Gives the next group to a worker; nil where nothing waits.
  ///
  /// - Parameter except: Groups that this worker cannot do at this time.
  func claim(
    worker: String, except refused: Set<ContentKey>
  ) async throws(ServiceError) -> Job?

  /// Keeps how far a group has come, and prolongs its lease.
  ///
  /// - Returns: False where nobody wants the group any more, or another worker has it.
  func report(
    _ progress: JobProgress, key: ContentKey, worker: String
  ) async throws(ServiceError) -> Bool

  /// The groups that a worker has, with their leases prolonged.
  func renew(worker: String) async throws(ServiceError) -> Set<ContentKey>

  /// Ends a group; does nothing where the worker no longer has it.
  func finish(
    _ outcome: JobOutcome, key: ContentKey, worker: String
  ) async throws(ServiceError)

  /// Puts a group back into the queue.
  ///
  /// - Parameter isCounted: Whether the attempt counts; else it is as if the group had not been begun.
  func release(key: ContentKey, worker: String, isCounted: Bool) async throws(ServiceError)

  /// Puts groups whose worker is gone back into the queue; those begun too often fail.
  ///
  /// - Parameter except: The worker of this process, whose groups are not abandoned however late it is; nil
  ///   to take those of every worker, whatever their leases, since no other process can be there.
  /// - Returns: How many jobs were put back.
  func recover(except worker: String?) async throws(ServiceError) -> Int

  /// Cancels a job that waits or runs.
  func cancel(_ id: JobID) async throws(ServiceError) -> Job?

  /// Removes a job that has ended.
  func remove(_ id: JobID) async throws(ServiceError)

  /// Lets jobs expire, and forgets those that expired long ago.
  ///
  /// - Returns: How many expired.
  func expire() async throws(ServiceError) -> Int

  /// Lets the jobs of the oldest ended group expire that is not needed by what waits or runs.
  ///
  /// - Returns: The key of the group; nil where there is none.
  func expireOldest() async throws(ServiceError) -> ContentKey?

  /// Calls `remove` with those of some results and uploads that no job needs, while no job can be added.
  ///
  /// - Parameters:
  ///   - results: Keys of results.
  ///   - uploads: Digests of uploads.
  func clean(
    results: [String], uploads: [String],
    _ remove: @escaping @Sendable (_ results: [String], _ uploads: [String]) -> Void
  ) async throws(ServiceError)

  /// The mean seconds of work per second of audio of the latest jobs of each kind.
  func pace() async throws(ServiceError) -> [JobKind: Double]
}

/// What a store holds jobs to.
struct JobPolicy: Sendable, Equatable {
  /// How many jobs may wait.
  var queueLength = 32
  /// How often a job is begun before it is given up.
  var attempts = 3
  /// The seconds that a group is its worker's without a sign of life.
  var lease = 60.0
  /// How many of them may be of one client; nil for all.
  var share: Int?
  /// What is promised to those who send jobs, whoever works on them.
  var terms = JobTerms()
  /// Whether a result is there when an earlier job has it, not only when it is found by who submits a job.
  var resultsAreInBucket = false
  /// The seconds for which it is told that a job has expired.
  var tombstone = 30 * 86_400.0
}

/// How far a job has come.
struct JobProgress: Sendable, Equatable {
  /// 0…1.
  var fraction: Double
  var stage: String
  var secondsLeft: Double?
}

/// How a job ended.
enum JobOutcome: Sendable {
  case succeeded(JobResult)
  case failed(JobFailure)
}

/// What waits and what runs.
struct QueueSnapshot: Sendable {
  /// In the order in which it will be begun.
  let waiting: QueueOrder
  /// One job of each group that runs.
  let running: [Job]
  /// For how many seconds the oldest of what waits has waited.
  var oldestSeconds = 0.0
}
