// SPDX-License-Identifier: MIT
import MixCore

/// Finds the threshold and the ratio with which the levels behind a compressor have a wanted range.
///
/// The threshold comes down in steps of 1 dB until the range is small enough, and the step in which that happens is
/// halved ten times; where the end of the threshold does not do, the next ratio is tried. So it ends after at most
/// ``stepCount`` compressions of the levels, and takes the least compression that does, whether the range is
/// monotone in the threshold or not (the gate of the range moves with the mean, so that it need not be).
struct CompressorSearch {
  /// What was found.
  struct Result {
    var compressor: Compressor
    /// The range behind it, in LU.
    var rangeLU: Double
    /// Whether that is the target.
    var isReached: Bool
  }

  static let ratios = [2.0, 3, 4, 6, 8, 12, 20]
  /// How far the threshold goes below the largest peak, in dB.
  static let depth = 48.0
  private static let halvings = 10
  /// The most compressions of the levels.
  static let stepCount = ratios.count * (Int(depth) + halvings + 2)

  let levels: FineLevels
  let usesLoudnessRange: Bool

  /// - Parameters:
  ///   - compressor: Knee, attack and release, and the smallest ratio.
  ///   - target: The wanted range in LU.
  func find(_ compressor: Compressor, target: Double, peakDB: Double) -> Result {
    var best = Result(compressor: compressor, rangeLU: .infinity, isReached: false)
    let highest = peakDB.clamped(-32...0).rounded(.up)
    let lowest = max(Compressor.threshold.range.lowerBound, highest - Self.depth)
    for ratio in Self.ratios where ratio >= compressor.ratio {
      var compressor = compressor
      compressor.ratio = ratio
      var threshold = highest
      while threshold >= lowest {
        let range = range(&compressor, threshold)
        if range < best.rangeLU {
          best = Result(compressor: compressor, rangeLU: range, isReached: false)
        }
        if range <= target {
          return halve(compressor, low: threshold, high: min(0, threshold + 1), target)
        }
        threshold -= 1
      }
    }
    return best
  }

  private func halve(
    _ compressor: Compressor, low: Double, high: Double, _ target: Double
  ) -> Result {
    var compressor = compressor
    var (low, high) = (low, high)
    for _ in 0..<Self.halvings {
      let middle = (low + high) / 2
      if range(&compressor, middle) <= target { low = middle } else { high = middle }
    }
    let range = range(&compressor, (low * 100).rounded() / 100)
    return Result(compressor: compressor, rangeLU: range, isReached: true)
  }

  private func range(_ compressor: inout Compressor, _ threshold: Double) -> Double {
    compressor.thresholdDB = threshold
    let range = levels.range(compressor)
    return usesLoudnessRange ? range.loudnessLU : range.levelsLU
  }
}
