// SPDX-License-Identifier: MIT
import Audio
import Foundation

/// The threads that run the model, each with a workspace of its own.
///
/// `@unchecked Sendable`: `queue` and `isClosed`, and `isDone` of every job, are read and written
/// only while `condition` is locked; everything else is immutable.
final class SegmentWorkers: @unchecked Sendable {
  private let model: any SegmentModel
  private let threadsPerWorker: Int
  private let condition = NSCondition()
  private var queue: [SegmentJob] = []
  private var isClosed = false

  /// Starts `count` workers; each makes its workspace when it gets its first job.
  init(model: any SegmentModel, count: Int, threadsPerWorker: Int) {
    self.model = model
    self.threadsPerWorker = threadsPerWorker
    for number in 1...max(count, 1) {
      let thread = Thread { [self] in work() }
      thread.name = "separation \(number)"
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  /// Queues a job; returns at once.
  func submit(_ job: SegmentJob) {
    condition.withLock {
      job.isDone = false
      queue.append(job)
      condition.broadcast()
    }
  }

  /// Blocks until the job's output is there, has failed, or `signal` is cancelled.
  ///
  /// A worker that is in the middle of a segment when the signal comes is not waited for.
  func wait(for job: SegmentJob, unless signal: CancellationSignal) throws(SeparationError) {
    condition.lock()
    defer { condition.unlock() }
    while !job.isDone {
      if signal.isCancelled { throw .cancelled }
      condition.wait()
    }
    if let failure = job.failure { throw failure }
  }

  /// Drops the jobs that no worker has begun, lets the threads end and wakes everyone who waits.
  func close() {
    condition.withLock {
      isClosed = true
      queue = []
      condition.broadcast()
    }
  }

  private func work() {
    var workspace: (any SegmentWorkspace)?
    while let job = nextJob() {
      do throws(SeparationError) {
        let place: any SegmentWorkspace
        if let workspace {
          place = workspace
        } else {
          place = try model.makeWorkspace(threadCount: threadsPerWorker)
          workspace = place
        }
        place.process(
          input: job.input, output: job.output, frameCount: job.chunk.inputFrames)
        job.failure = place.failure
      } catch {
        job.failure = error
      }
      condition.withLock {
        job.isDone = true
        condition.broadcast()
      }
    }
  }

  private func nextJob() -> SegmentJob? {
    condition.withLock {
      while queue.isEmpty, !isClosed { condition.wait() }
      return queue.isEmpty ? nil : queue.removeFirst()
    }
  }
}
