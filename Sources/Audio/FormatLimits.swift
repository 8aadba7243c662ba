// SPDX-License-Identifier: MIT

/// The rates and channel counts that are read and written.
enum FormatLimits {
  /// Sample rates in Hz.
  static let sampleRates = 8_000...192_000
  static let channelCounts = 1...StereoDownmix.maximumChannelCount

  /// The longest length that a header is believed, 66 days at 192 kHz.
  static let largestFrameCount = 1 << 40

  /// A header's length, or nil where it says none or one that cannot be.
  static func declaredFrameCount(_ count: Int) -> Int? {
    count > 0 && count <= largestFrameCount ? count : nil
  }

  static func check(sampleRate: Double, path: String) throws(AudioError) {
    guard sampleRate > 0, sampleRate.isFinite else {
      throw AudioError(
        code: .malformed, path: path,
        message: "has a damaged header: it gives a sample rate of 0 Hz; export the file again")
    }
    guard Double(sampleRates.lowerBound)...Double(sampleRates.upperBound) ~= sampleRate else {
      let rate = sampleRate < 1e15 ? "\(Int(sampleRate))" : "\(sampleRate)"
      throw AudioError(
        code: .unsupported, path: path,
        message: "has a sample rate of \(rate) Hz; convert it to one from "
          + "\(sampleRates.lowerBound) to \(sampleRates.upperBound) Hz")
    }
  }

  static func check(channelCount: Int, path: String) throws(AudioError) {
    guard channelCount > 0 else {
      throw AudioError(
        code: .malformed, path: path,
        message: "has a damaged header: it gives 0 channels; export the file again")
    }
    guard channelCounts ~= channelCount else {
      throw AudioError(
        code: .unsupported, path: path,
        message: "has \(channelCount) channels according to its header; convert it to "
          + "\(channelCounts.upperBound) or fewer")
    }
  }
}

/// A length in words, "12.3 s".
func describeDuration(frameCount: Int, sampleRate: Int) -> String {
  let tenths = (Double(frameCount) * 10 / Double(sampleRate)).rounded()
  return tenths < 1 ? "\(frameCount) samples" : "\(tenths / 10) s"
}
