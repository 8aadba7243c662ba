// SPDX-License-Identifier: MIT
import Audio
import MixCore

/// Reads one stem at the rate of the mix, in blocks of any size.
///
/// Used by one thread at a time.
final class StemInput {
  private static let readFrames = 8_192

  private let reader: AudioReader
  private let resampler: Resampler?
  private var block = AudioBuffer(channelCount: 2, frameCount: 0)
  private var position = 0
  private var isAtEnd = false

  /// What was odd about the file.
  var warnings: [String] { reader.warnings.map(\.description) }

  init(reader: AudioReader, sampleRate: Int) throws(MixdownError) {
    self.reader = reader
    let rate = reader.sourceFormat.sampleRate
    do throws(AudioError) {
      resampler =
        rate == sampleRate
        ? nil : try Resampler(inputRate: rate, outputRate: sampleRate, channelCount: 2)
    } catch { throw .input(error) }
  }

  /// Fills the input of a track with the next block, with silence behind the end.
  ///
  /// - Returns: How many frames were there.
  func read(_ engine: MixEngine, track: Int, slot: Int) throws(MixdownError) -> Int {
    let count = try read(into: engine.input(track, slot: slot))
    engine.begin(track: track, frameCount: engine.maximumFrameCount, slot: slot)
    return count
  }

  private func read(into output: StereoBlock) throws(MixdownError) -> Int {
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

  private func nextBlock() throws(MixdownError) -> Bool {
    guard !isAtEnd else { return false }
    position = 0
    do throws(AudioError) {
      if let next = try reader.read(maximumFrames: Self.readFrames) {
        block = resampler?.process(next) ?? next
        return true
      }
    } catch { throw .input(error) }
    isAtEnd = true
    block = resampler?.finish() ?? AudioBuffer(channelCount: 2, frameCount: 0)
    return block.frameCount > 0
  }
}
