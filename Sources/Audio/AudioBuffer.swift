// SPDX-License-Identifier: MIT

/// A block of audio as planar 32-bit floats.
///
/// Full scale is ±1; nothing clips a value beyond it until an integer file is written. The samples
/// lie channel by channel, so `samples[c * frameCount + i]` is frame `i` of channel `c`.
public struct AudioBuffer: Sendable, Equatable {
  /// The number of channels, 1 or more.
  public let channelCount: Int
  /// The number of frames; one frame is one sample of every channel.
  public private(set) var frameCount: Int
  /// The samples, (channels, frames), planar; their number cannot change.
  public var samples: [Float] {
    didSet {
      precondition(
        samples.count == channelCount * frameCount, "a buffer keeps channels × frames samples")
    }
  }

  /// Makes a silent buffer.
  public init(channelCount: Int, frameCount: Int) {
    self.init(
      channelCount: channelCount, frameCount: frameCount,
      samples: [Float](repeating: 0, count: channelCount * frameCount))
  }

  /// Makes a buffer of the given planar samples, (channels, frames).
  public init(channelCount: Int, frameCount: Int, samples: [Float]) {
    precondition(channelCount > 0 && frameCount >= 0, "a buffer has at least one channel")
    precondition(
      samples.count == channelCount * frameCount, "a buffer holds channels × frames samples")
    self.channelCount = channelCount
    self.frameCount = frameCount
    self.samples = samples
  }

  /// The samples of one channel, (frames), `channel` in `0..<channelCount`.
  ///
  /// The slice's indices are those of ``samples``.
  public subscript(channel channel: Int) -> ArraySlice<Float> {
    precondition((0..<channelCount).contains(channel), "the buffer has no such channel")
    return samples[channel * frameCount..<(channel + 1) * frameCount]
  }

  /// Calls `body` with the samples of one channel, (frames).
  public func withChannel<Result, Failure: Error>(
    _ channel: Int, _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition((0..<channelCount).contains(channel), "the buffer has no such channel")
    let range = channel * frameCount..<(channel + 1) * frameCount
    return try samples.withUnsafeBufferPointer { (all) throws(Failure) in
      try body(UnsafeBufferPointer(rebasing: all[range]))
    }
  }

  /// A copy of some of the frames of every channel; `range` lies in `0..<frameCount`.
  public func frames(_ range: Range<Int>) -> AudioBuffer {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= frameCount, "the buffer has no such frames")
    var part: [Float] = []
    part.reserveCapacity(channelCount * range.count)
    for channel in 0..<channelCount {
      let start = channel * frameCount
      part.append(contentsOf: samples[start + range.lowerBound..<start + range.upperBound])
    }
    return AudioBuffer(channelCount: channelCount, frameCount: range.count, samples: part)
  }

  /// Joins buffers of the same channel count in time; an empty list gives no frames.
  public static func joining(_ parts: [AudioBuffer], channelCount: Int) -> AudioBuffer {
    precondition(
      parts.allSatisfy { $0.channelCount == channelCount }, "the parts differ in channel count")
    var joined: [Float] = []
    let frameCount = parts.reduce(0) { $0 + $1.frameCount }
    joined.reserveCapacity(channelCount * frameCount)
    for channel in 0..<channelCount {
      for part in parts { joined.append(contentsOf: part[channel: channel]) }
    }
    return AudioBuffer(channelCount: channelCount, frameCount: frameCount, samples: joined)
  }

  /// The largest magnitude of any sample, 0 for an empty buffer.
  public var peak: Float {
    samples.withUnsafeBytes { bytes in
      // Eight at a time; no comparison with what is not a number is true, so that it does not count.
      var lanes = SIMD8<Float>()
      let whole = samples.count / 8 * 8
      for index in stride(from: 0, to: whole, by: 8) {
        let x = bytes.loadUnaligned(fromByteOffset: 4 * index, as: SIMD8<Float>.self)
        let magnitude = x.replacing(with: -x, where: x .< 0)
        lanes.replace(with: magnitude, where: magnitude .> lanes)
      }
      return samples[whole...].reduce(lanes.max()) { max($0, abs($1)) }
    }
  }
}
