// SPDX-License-Identifier: MIT
import Audio
import MixCore

/// A take in memory, at its own rate: one channel or two.
struct Take {
  /// The longest take that is prepared, in seconds.
  static let longestSeconds = 1_800
  /// The shortest one.
  static let shortestMilliseconds = 100

  let sampleRate: Int
  private(set) var left: [Float] = []
  /// Empty for a take of one channel.
  private(set) var right: [Float] = []
  let isStereo: Bool
  private(set) var warnings: [String] = []

  private static let blockFrames = 1 << 16

  /// Reads a file; more than two channels are downmixed to two.
  init(path: String, isCancelled: @escaping @Sendable () -> Bool) throws(VocalPreparationError) {
    do throws(AudioError) {
      let reader = try AudioReader(path: path, isCancelled: isCancelled)
      sampleRate = reader.sourceFormat.sampleRate
      isStereo = reader.sourceFormat.channelCount > 1
      let longest = Self.longestSeconds * sampleRate
      // A header that lies must not take memory.
      left.reserveCapacity(min(reader.sourceFormat.frameCount ?? 0, longest))
      if isStereo { right.reserveCapacity(left.capacity) }
      var isTooLong = false
      while !isTooLong, let block = try reader.read(maximumFrames: Self.blockFrames) {
        if isCancelled() {
          throw AudioError(code: .cancelled, path: path, message: "reading was cancelled")
        }
        isTooLong = left.count + block.frameCount > longest
        if isTooLong { break }
        left += block[channel: 0]
        if isStereo { right += block[channel: 1] }
      }
      warnings = reader.warnings.map(\.description)
      if isTooLong {
        throw AudioError(
          code: .limit, path: path,
          message:
            "is longer than \(Self.longestSeconds / 60) minutes, the longest take that can be "
            + "prepared; cut it into parts")
      }
      if frameCount * 1000 < Self.shortestMilliseconds * sampleRate {
        throw AudioError(
          code: .empty, path: path,
          message: "is shorter than \(Self.shortestMilliseconds) ms, too short for a take")
      }
      if reader.sourceFormat.channelCount > 2 {
        warnings.append(
          "\(path): its \(reader.sourceFormat.channelCount) channels were downmixed to stereo.")
      }
    } catch {
      throw error.code == .limit
        ? VocalPreparationError(code: .limit, message: error.description, cause: error)
        : .input(error)
    }
  }

  /// The length in frames.
  var frameCount: Int { left.count }

  /// The length in seconds.
  var seconds: Double { Double(frameCount) / Double(sampleRate) }

  /// Whether nothing in it is louder than -100 dBFS.
  var isSilent: Bool { !left.contains { abs($0) > 1e-5 } && !right.contains { abs($0) > 1e-5 } }

  /// Shows the samples, which may be changed; a single channel is named twice.
  mutating func withBlock<Result>(_ body: (StereoBlock) -> Result) -> Result? {
    let count = frameCount
    return left.withUnsafeMutableBufferPointer { left in
      right.withUnsafeMutableBufferPointer { right in
        guard let first = left.baseAddress else { return nil }
        return body(
          StereoBlock(
            left: first, right: isStereo ? right.baseAddress ?? first : first, frameCount: count))
      }
    }
  }

  /// Moves the take earlier by so many frames, later if negative; silence comes before what is moved later.
  mutating func moveEarlier(_ frames: Int) {
    func move(_ samples: inout [Float]) {
      if frames > 0 {
        samples.removeFirst(min(frames, samples.count))
      } else if frames < 0 {
        samples.insert(contentsOf: repeatElement(0, count: -frames), at: 0)
      }
    }
    move(&left)
    if isStereo { move(&right) }
  }

  /// Some frames as mono.
  func mono(_ range: Range<Int>) -> AudioBuffer {
    let samples =
      isStereo ? range.map { (left[$0] + right[$0]) / 2 } : Array(left[range])
    return AudioBuffer(channelCount: 1, frameCount: range.count, samples: samples)
  }

  /// The frames in blocks, as mono.
  func inBlocks(_ body: (AudioBuffer) throws(VocalPreparationError) -> Void)
    throws(VocalPreparationError)
  {
    var start = 0
    while start < frameCount {
      let end = min(frameCount, start + Self.blockFrames)
      try body(mono(start..<end))
      start = end
    }
  }

  /// Writes the take as WAV of 32-bit floats.
  func write(to path: String, isCancelled: () -> Bool) throws(VocalPreparationError) {
    do throws(AudioError) {
      let writer = try AudioWriter(
        path: path, format: .wavFloat32, sampleRate: sampleRate, channelCount: isStereo ? 2 : 1)
      var start = 0
      while start < frameCount {
        if isCancelled() {
          throw AudioError(code: .cancelled, path: path, message: "writing was cancelled")
        }
        let end = min(frameCount, start + Self.blockFrames)
        let samples = Array(left[start..<end]) + (isStereo ? right[start..<end] : [])
        try writer.write(
          AudioBuffer(channelCount: isStereo ? 2 : 1, frameCount: end - start, samples: samples))
        start = end
      }
      try writer.finish()
    } catch { throw .output(error) }
  }
}
