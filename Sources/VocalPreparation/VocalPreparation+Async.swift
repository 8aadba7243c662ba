// SPDX-License-Identifier: MIT
import Audio
import Foundation

extension VocalPreparation {
  /// Prepares a take on a thread of its own; stops when the task is cancelled.
  ///
  /// - Parameters:
  ///   - path: The take.
  ///   - backing: Its backing.
  ///   - output: The file to write.
  ///   - report: Told when a step begins, by that thread.
  /// - Throws: Like ``prepare(vocal:backing:to:isCancelled:report:)``.
  public func preparing(
    vocal path: String, backing: String, to output: String,
    report: @escaping @Sendable (Progress) -> Void = { _ in }
  ) async throws(VocalPreparationError) -> Result {
    try await onThread { (isCancelled) throws(VocalPreparationError) in
      try prepare(
        vocal: path, backing: backing, to: output, isCancelled: isCancelled, report: report)
    }
  }
}

/// Runs work on a thread of its own and tells it when the task is cancelled.
func onThread<Value: Sendable>(
  _ work:
    @escaping @Sendable (_ isCancelled: @escaping @Sendable () -> Bool)
    throws(VocalPreparationError) -> Value
) async throws(VocalPreparationError) -> Value {
  let signal = CancellationSignal()
  return try await withTaskCancellationHandler {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          returning: Result { () throws(VocalPreparationError) in
            try work { signal.isCancelled }
          })
      }
    }
  } onCancel: {
    signal.cancel()
  }.get()
}
