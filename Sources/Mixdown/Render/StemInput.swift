// SPDX-License-Identifier: MIT
import Audio
import MixCore

/// Reads one stem at the rate of the mix into the input of its track.
///
/// Used by one thread at a time.
final class StemInput {
  private let stream: StereoStream

  /// What was odd about the file.
  var warnings: [String] { stream.warnings.map(\.description) }

  init(reader: AudioReader, sampleRate: Int) throws(MixdownError) {
    do throws(AudioError) {
      stream = try StereoStream(reader: reader, sampleRate: sampleRate)
    } catch { throw .input(error) }
  }

  /// Fills the input of a track with the next block, with silence behind the end.
  ///
  /// - Returns: How many frames were there.
  func read(_ engine: MixEngine, track: Int, slot: Int) throws(MixdownError) -> Int {
    let count: Int
    do throws(AudioError) {
      count = try stream.read(into: engine.input(track, slot: slot))
    } catch { throw .input(error) }
    engine.begin(track: track, frameCount: engine.maximumFrameCount, slot: slot)
    return count
  }
}
