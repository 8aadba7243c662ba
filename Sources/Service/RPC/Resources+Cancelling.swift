// SPDX-License-Identifier: MIT
import GRPCCore
import Synchronization

extension Resources {
  /// Does some work for a call, and cancels its job when the call is cancelled or its deadline has passed.
  ///
  /// - Parameter body: Tells which job it is as soon as there is one.
  func cancelling<Value: Sendable>(
    _ client: ClientID,
    _ body:
      @Sendable (_ onJob: @escaping @Sendable (Job) -> Void) async throws(ServiceError) -> Value
  ) async throws(ServiceError) -> Value {
    let (call, ending) = (CancelledCall(queue: queue), ending)
    return try await withRPCCancellationHandler { () async throws(ServiceError) in
      try await body { call.began($0) }
    } onCancelRPC: {
      // The end of the service ends all calls; what they asked for goes on after the next start.
      if !ending.hasBegun { call.cancel() }
    }
  }
}

/// A call that may be cancelled before or after it has a job.
private final class CancelledCall: Sendable {
  private struct State {
    var job: Job?
    var isCancelled = false
  }

  private let state = Mutex(State())
  private let queue: JobQueue

  init(queue: JobQueue) { self.queue = queue }

  func began(_ job: Job) {
    let isCancelled = state.withLock { state in
      state.job = job
      return state.isCancelled
    }
    if isCancelled { end(job) }
  }

  func cancel() {
    let job = state.withLock { state in
      state.isCancelled = true
      return state.job
    }
    if let job { end(job) }
  }

  private func end(_ job: Job) {
    let queue = queue
    Task { _ = try? await queue.cancel(job) }
  }
}
