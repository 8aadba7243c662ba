// SPDX-License-Identifier: MIT
import Foundation

/// Keeps how far a job has come, not too often, and stops the job when nobody wants it any more.
actor ProgressReporter {
  private let key: ContentKey
  private let worker: String
  private let queue: JobQueue
  private let interval: Duration
  private var last: ContinuousClock.Instant?
  private var stage: String?

  init(key: ContentKey, worker: String, queue: JobQueue, interval: Duration) {
    self.key = key
    self.worker = worker
    self.queue = queue
    self.interval = interval
  }

  /// Called by the task that does the work, which is cancelled where the work is not wanted.
  func report(_ progress: JobProgress) async {
    let now = ContinuousClock.now
    if stage == progress.stage, let last, now - last < interval { return }
    last = now
    stage = progress.stage
    let isWanted = try? await queue.store.report(progress, key: key, worker: worker)
    // A store that cannot be written to at this moment is no reason to give up the work.
    if isWanted == false { withUnsafeCurrentTask { $0?.cancel() } }
    queue.feed.changed()
  }
}
