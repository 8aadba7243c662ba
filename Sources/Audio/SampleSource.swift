// SPDX-License-Identifier: MIT

/// What a decoder gives: interleaved samples at the file's own rate and channel count.
///
/// Used by one ``AudioReader``, from one thread at a time.
protocol SampleSource: AnyObject {
  var sampleRate: Int { get }
  /// Where each channel's loudspeaker stands, (channels).
  var roles: [ChannelRole] { get }
  /// How many frames the file claims to have. Never allocate by it.
  var declaredFrameCount: Int? { get }
  /// The kind of file, for people: "WAV, 16-bit".
  var codec: String { get }

  /// Decodes up to `frameCount` frames into `output`, (frames, channels) interleaved.
  ///
  /// - Returns: The frames decoded, 0 at the end or where the rest cannot be decoded.
  func read(into output: UnsafeMutablePointer<Float>, frameCount: Int) throws(AudioError) -> Int

  /// After the end: why there may be more than was decoded, or nil if this was all.
  func shortfall(decodedFrameCount: Int) -> String?
}
