// SPDX-License-Identifier: MIT
import Synchronization

/// Tells the threads of some work that its result is no longer wanted.
package final class CancellationSignal: Sendable {
  private struct State {
    var isCancelled = false
    var handlers: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())

  /// A signal that has not been cancelled.
  package init() {}

  /// Whether `cancel()` has been called.
  package var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Cancels; handlers run at once on the calling thread, and only the first time.
  package func cancel() {
    let handlers = state.withLock { state in
      state.isCancelled = true
      defer { state.handlers = [] }
      return state.handlers
    }
    for handler in handlers { handler() }
  }

  /// Runs `handler` when the signal is cancelled, at once when it already is.
  package func onCancel(_ handler: @escaping @Sendable () -> Void) {
    let isCancelled = state.withLock { state in
      if !state.isCancelled { state.handlers.append(handler) }
      return state.isCancelled
    }
    if isCancelled { handler() }
  }
}
