// SPDX-License-Identifier: MIT
import Audio

extension CancellationSignal {
  /// Throws when the signal has been cancelled.
  func check() throws(SeparationError) {
    if isCancelled { throw .cancelled }
  }
}
