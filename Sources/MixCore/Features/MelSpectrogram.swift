// SPDX-License-Identifier: MIT

/// The powers of a recording in mel bands over time, in coarse steps: what networks look at.
///
/// Every value is the mean of two neighbouring bands and four frames of the mel spectrogram that
/// ``SpectralFeatures`` is computed from.
public struct MelSpectrogram: Sendable, Equatable {
  /// The number of bands, from 0 to 11,025 Hz.
  public static let bandCount = MelAnalysis.bandCount / bandsTogether
  private static let bandsTogether = 2
  private static let framesTogether = 4

  /// (frames, 64): powers; a frame is 93 ms.
  public internal(set) var powers: [Float]
  /// The number of frames.
  public var frameCount: Int { powers.count / Self.bandCount }

  /// (64): the middles of the bands in Hz.
  public static let centresHz: [Double] = {
    let edges = MelFilterBank.edgesHz(
      bandCount: MelAnalysis.bandCount, sampleRate: Double(SpectralFeatureExtractor.sampleRate))
    return (0..<bandCount).map { band in
      let (first, second) = (edges[2 * band + 1], edges[2 * band + 2])
      return (first + second) / 2
    }
  }()

  /// Sums up a mel spectrogram, (frames, 128); frames that do not fill a step are left out, unless there are no
  /// others.
  init(_ fine: [Float]) {
    let width = MelAnalysis.bandCount
    let fineCount = fine.count / width
    let together = min(Self.framesTogether, max(1, fineCount))
    let count = fineCount / together
    powers = [Float](repeating: 0, count: count * Self.bandCount)
    let scale = 1 / Float(together * Self.bandsTogether)
    for frame in 0..<count {
      for step in 0..<together {
        let row = (frame * together + step) * width
        for band in 0..<Self.bandCount {
          powers[frame * Self.bandCount + band] +=
            scale * (fine[row + 2 * band] + fine[row + 2 * band + 1])
        }
      }
    }
  }
}
