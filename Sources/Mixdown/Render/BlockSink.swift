// SPDX-License-Identifier: MIT
import Audio

/// Takes finished blocks in their order.
protocol BlockSink: AnyObject {
  /// Called by one thread at a time.
  func take(_ block: AudioBuffer) throws(MixdownError)
}
