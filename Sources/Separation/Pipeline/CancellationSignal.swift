// SPDX-License-Identifier: MIT
import Synchronization

/// Tells the threads of one separation that its result is no longer wanted.
final class CancellationSignal: Sendable {
  private struct State {
    var isCancelled = false
    var handlers: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())

  /// Whether `cancel()` has been called.
  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Cancels; handlers run at once on the calling thread, and only the first time.
  func cancel() {
    let handlers = state.withLock { state in
      state.isCancelled = true
      defer { state.handlers = [] }
      return state.handlers
    }
    for handler in handlers { handler() }
  }

  /// Runs `handler` when the signal is cancelled, at once when it already is.
  func onCancel(_ handler: @escaping @Sendable () -> Void) {
    let isCancelled = state.withLock { state in
      if !state.isCancelled { state.handlers.append(handler) }
      return state.isCancelled
    }
    if isCancelled { handler() }
  }

  /// Throws when the signal has been cancelled.
  func check() throws(SeparationError) {
    if isCancelled { throw .cancelled }
  }
}
