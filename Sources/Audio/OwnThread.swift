// SPDX-License-Identifier: MIT
import Foundation

/// Runs work that blocks on a thread of its own, and tells it when the task that waits for it is cancelled.
///
/// - Parameter body: Asks the signal whether it should stop.
package func onOwnThread<Value: Sendable, Failure: Error>(
  _ body: @escaping @Sendable (CancellationSignal) throws(Failure) -> Value
) async throws(Failure) -> Value {
  let signal = CancellationSignal()
  return try await withTaskCancellationHandler {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          returning: Result { () throws(Failure) in try body(signal) })
      }
    }
  } onCancel: {
    signal.cancel()
  }.get()
}
