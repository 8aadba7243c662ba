// SPDX-License-Identifier: MIT
import Foundation
import MixCore

/// What networks see of a recording: mel bands over six seconds, in dB against its own loudness, so that the gain
/// with which it was recorded cannot be seen.
enum MelImage {
  /// (bands, frames).
  static let height = MelSpectrogram.bandCount
  static let width = 64
  static let count = height * width

  /// What lies this far under the brightest values is black.
  private static let range: Float = 60
  /// The brightest values lie about so far over the loudness, by the definition of the mel spectrogram.
  private static let top: Float = 50

  /// Writes the image of a sum of stems.
  ///
  /// - Parameters:
  ///   - stems: At the levels at which they are added.
  ///   - frame: The first frame; what lies behind the end of a stem is silent.
  ///   - loudness: Of the sum, in LUFS.
  ///   - bandsDB: (64): added to the bands.
  ///   - framesDB: (64): added to the frames.
  ///   - output: (64 bands, 64 frames), -1 to about 1.
  static func write(
    _ stems: [StemAnalysis], from frame: Int, loudness: Double, bandsDB: [Float]? = nil,
    framesDB: [Float]? = nil, into output: UnsafeMutableBufferPointer<Float>
  ) {
    var sum = [Float](repeating: 0, count: count)  // (frames, bands)
    for stem in stems {
      let powers = stem.features.spectrum.melSpectrogram.powers
      let start = frame * height
      for i in 0..<max(0, min(count, powers.count - start)) { sum[i] += powers[start + i] }
    }
    let reference = Float(loudness) + top
    for x in 0..<width {
      for y in 0..<height {
        var level = 10 * log10(max(sum[x * height + y], 1e-30)) - reference
        if let bandsDB { level += bandsDB[y] }
        if let framesDB { level += framesDB[x] }
        output[y * width + x] = max(level / (range / 2), -2) + 1
      }
    }
  }

  /// (frames): the power of every frame, all bands together.
  static func powers(_ stems: [StemAnalysis]) -> [Float] {
    let frames = stems.map(\.features.spectrum.melSpectrogram.frameCount).max() ?? 0
    var powers = [Float](repeating: 0, count: frames)
    for stem in stems {
      let mel = stem.features.spectrum.melSpectrogram
      for frame in 0..<mel.frameCount {
        var sum: Float = 0
        for band in 0..<height { sum += mel.powers[frame * height + band] }
        powers[frame] += sum
      }
    }
    return powers
  }

  /// The first frames of the blocks, one after the other, in which there is something to hear: whose power is at
  /// most 20 dB under that of the whole.
  static func activeBlocks(_ powers: [Float]) -> [Int] {
    let mean = powers.reduce(0, +) / Float(max(1, powers.count))
    guard mean > 0 else { return [] }
    return stride(from: 0, to: max(1, powers.count - width / 2), by: width).filter {
      isActive(powers, from: $0, mean: mean)
    }
  }

  /// Whether there is something to hear in a block.
  static func isActive(_ powers: [Float], from frame: Int, mean: Float) -> Bool {
    guard frame < powers.count, mean > 0 else { return false }
    let block = powers[frame..<min(powers.count, frame + width)]
    return block.reduce(0, +) / Float(width) > 0.01 * mean
  }
}
