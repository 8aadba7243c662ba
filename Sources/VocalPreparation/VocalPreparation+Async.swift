// SPDX-License-Identifier: MIT
import Audio

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
    try await onOwnThread { (signal) throws(VocalPreparationError) in
      try prepare(
        vocal: path, backing: backing, to: output, isCancelled: { signal.isCancelled },
        report: report)
    }
  }
}
