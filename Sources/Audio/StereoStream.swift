// SPDX-License-Identifier: MIT
package import MixCore

/// Gives out a file or samples as stereo at a wanted rate, in blocks of any size.
///
/// Memory does not grow with the length of a file. Used by one thread at a time.
package final class StereoStream {
  private static let readFrames = 8_192

  private let reader: AudioReader?
  private let buffer: AudioBuffer
  private var bufferPosition = 0
  private let resampler: Resampler?
  private var block = AudioBuffer(channelCount: 2, frameCount: 0)
  private var position = 0
  private var isAtEnd = false

  /// What was odd about the file so far.
  package var warnings: [AudioWarning] { reader?.warnings ?? [] }

  /// The rest of a file.
  package init(reader: AudioReader, sampleRate: Int) throws(AudioError) {
    self.reader = reader
    buffer = AudioBuffer(channelCount: 2, frameCount: 0)
    resampler = try Self.resampler(from: reader.sourceFormat.sampleRate, to: sampleRate)
  }

  /// Samples, (1 or 2, frames).
  package init(
    samples: AudioBuffer, inputRate: Int, sampleRate: Int
  ) throws(AudioError) {
    reader = nil
    buffer = samples
    resampler = try Self.resampler(from: inputRate, to: sampleRate)
  }

  private static func resampler(from rate: Int, to wanted: Int) throws(AudioError) -> Resampler? {
    rate == wanted
      ? nil : try Resampler(inputRate: rate, outputRate: wanted, channelCount: 2)
  }

  /// Fills a block with the next frames, with silence behind the end.
  ///
  /// - Returns: How many frames were there.
  package func read(into output: StereoBlock) throws(AudioError) -> Int {
    var filled = 0
    while filled < output.frameCount {
      if position == block.frameCount {
        guard try nextBlock() else { break }
        continue
      }
      let count = min(block.frameCount - position, output.frameCount - filled)
      let (start, frameCount) = (position, block.frameCount)
      block.samples.withUnsafeBufferPointer { samples in
        guard let base = samples.baseAddress else { return }
        (output.left + filled).update(from: base + start, count: count)
        (output.right + filled).update(from: base + frameCount + start, count: count)
      }
      position += count
      filled += count
    }
    (output.left + filled).update(repeating: 0, count: output.frameCount - filled)
    (output.right + filled).update(repeating: 0, count: output.frameCount - filled)
    return filled
  }

  private func nextBlock() throws(AudioError) -> Bool {
    guard !isAtEnd else { return false }
    position = 0
    if let next = try nextInput() {
      block = resampler?.process(next) ?? next
      return true
    }
    isAtEnd = true
    block = resampler?.finish() ?? AudioBuffer(channelCount: 2, frameCount: 0)
    return block.frameCount > 0
  }

  private func nextInput() throws(AudioError) -> AudioBuffer? {
    if let reader { return try reader.read(maximumFrames: Self.readFrames) }
    let end = min(buffer.frameCount, bufferPosition + Self.readFrames)
    guard bufferPosition < end else { return nil }
    defer { bufferPosition = end }
    return buffer.frames(bufferPosition..<end).inStereo
  }
}
