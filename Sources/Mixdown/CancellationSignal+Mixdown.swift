// SPDX-License-Identifier: MIT
import Audio

extension CancellationSignal {
  /// Throws when the signal has been cancelled.
  func check() throws(MixdownError) {
    if isCancelled { throw .cancelled }
  }
}
