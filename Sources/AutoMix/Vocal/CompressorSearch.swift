// SPDX-License-Identifier: MIT
import MixCore

/// Finds the threshold and the ratio with which the levels behind a compressor have a wanted range.
///
/// The threshold comes down in steps of 1 dB until the range is small enough, and the step in which that happens is
/// halved ten times; where the end of the threshold does not do, the next ratio is tried. So it ends after at most
/// ``stepCount`` compressions of the levels, and takes the least compression that does, whether the range is
/// monotone in the threshold, as that of the levels is until everything is over it, or not.
/// Compressions that bring the loud moments down by more than there is to do, and 6 dB on top, are not considered:
/// where everything is over the threshold, the range becomes no smaller.
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
  private static let largestSurplusDB = 6.0
  /// The most compressions of the levels.
  static let stepCount = ratios.count * (Int(depth) + halvings + 2)

  let levels: FineLevels
  /// Which tenths of a second count.
  let counted: [Bool]
  let usesLoudnessRange: Bool

  /// - Parameters:
  ///   - compressor: Knee, attack and release, and the smallest ratio.
  ///   - target: The wanted range in LU.
  func find(_ compressor: Compressor, target: Double, peakDB: Double) -> Result {
    var best = Result(compressor: compressor, rangeLU: .infinity, isReached: false)
    let before = levels.range(nil, over: counted)
    let lowestLoud = before.loudLUFS - max(0, measured(before) - target) - Self.largestSurplusDB
    let highest = peakDB.clamped(-32...0).rounded(.up)
    let lowest = max(Compressor.threshold.range.lowerBound, highest - Self.depth)
    for ratio in Self.ratios where ratio >= compressor.ratio {
      var compressor = compressor
      compressor.ratio = ratio
      var threshold = highest
      while threshold >= lowest {
        let levels = levels(&compressor, threshold)
        if levels.loudLUFS < lowestLoud { break }
        let range = measured(levels)
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
      let range = measured(levels(&compressor, middle))
      if range <= target { low = middle } else { high = middle }
    }
    let range = measured(levels(&compressor, (low * 100).rounded() / 100))
    return Result(compressor: compressor, rangeLU: range, isReached: true)
  }

  private func levels(_ compressor: inout Compressor, _ threshold: Double) -> FineLevels.Range {
    compressor.thresholdDB = threshold
    return levels.range(compressor, over: counted)
  }

  private func measured(_ range: FineLevels.Range) -> Double {
    usesLoudnessRange ? range.loudnessLU : range.levelsLU
  }
}
