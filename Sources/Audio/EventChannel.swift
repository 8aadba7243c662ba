// SPDX-License-Identifier: MIT
import Synchronization

/// Carries progress and the result from a working thread to the task that waits for them.
///
/// It holds at most one progress value, so a slow listener costs no memory.
package final class EventChannel<
  Progress: Sendable, Output: Sendable, Failure: Error
>: Sendable {
  /// A progress value or the result.
  package enum Event: Sendable {
    case progress(Progress)
    case finished(Output)
  }

  /// An event, nil after the last one, or why there is no result.
  package typealias Next = Result<Event?, Failure>

  private struct State {
    var progress: Progress?
    var result: Result<Output, Failure>?
    var isOver = false
    var waiting: CheckedContinuation<Next, Never>?

    mutating func nextEvent() -> Next? {
      if isOver { return .success(nil) }
      if let result {
        isOver = true
        return result.map { .finished($0) }
      }
      guard let progress else { return nil }
      self.progress = nil
      return .success(.progress(progress))
    }
  }

  /// Tells the work to stop.
  package let signal = CancellationSignal()
  private let state = Mutex(State())

  /// A channel that has carried nothing.
  package init() {}

  /// Called by the working thread.
  package func report(_ progress: Progress) { update { $0.progress = progress } }

  /// Called by the working thread, once, last.
  package func finish(_ result: Result<Output, Failure>) { update { $0.result = result } }

  /// Called by the listening task; when that is cancelled, so is the work.
  package func next() async -> Next {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let event: Next? = state.withLock { state in
          if let event = state.nextEvent() { return event }
          state.waiting = continuation
          return nil
        }
        if let event { continuation.resume(returning: event) }
      }
    } onCancel: {
      signal.cancel()
    }
  }

  private func update(_ change: (inout sending State) -> Void) {
    let (waiting, event): (CheckedContinuation<Next, Never>?, Next?) = state.withLock { state in
      change(&state)
      guard let waiting = state.waiting else { return (nil, nil) }
      state.waiting = nil
      return (waiting, state.nextEvent())
    }
    if let waiting, let event { waiting.resume(returning: event) }
  }
}
