// SPDX-License-Identifier: MIT
import Synchronization

/// Tells the threads of one mix that its result is no longer wanted.
final class CancellationSignal: Sendable {
  private let state = Atomic<Bool>(false)

  /// Whether `cancel()` has been called.
  var isCancelled: Bool { state.load(ordering: .acquiring) }

  /// Cancels.
  func cancel() { state.store(true, ordering: .releasing) }

  /// Throws when the signal has been cancelled.
  func check() throws(MixdownError) {
    if isCancelled { throw .cancelled }
  }
}
