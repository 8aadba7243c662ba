// SPDX-License-Identifier: MIT
import Synchronization

/// Tells the threads of some work that its result is no longer wanted.
package final class CancellationSignal: Sendable {
  private let state = Atomic<Bool>(false)

  /// A signal that has not been cancelled.
  package init() {}

  /// Whether `cancel()` has been called.
  package var isCancelled: Bool { state.load(ordering: .acquiring) }

  /// Cancels.
  package func cancel() { state.store(true, ordering: .releasing) }
}
