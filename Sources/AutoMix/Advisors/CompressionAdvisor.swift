// SPDX-License-Identifier: MIT
import Foundation
public import MixCore

/// Gives compressors to stems whose level changes more than is usual for their kind.
///
/// Attack and release follow the crest factor, as Giannoulis, Massberg and Reiss, "Parameter automation in a dynamic
/// range compressor" (JAES 61, 2013) have them: what consists of peaks is treated quickly. Threshold and ratio are
/// such that the range of the levels of 100 ms comes half of the way to what is usual, by 6 dB at most.
public struct CompressionAdvisor: Advisor {
  /// Makes the advisor.
  public init() {}

  /// The range of the levels of 100 ms that is usual in a mix, in LU.
  static func usualRange(_ kind: StemKind) -> Double {
    switch kind {
    case .vocals, .backingVocals: 12
    case .bass: 8
    case .drums, .kick: 14
    case .synth, .guitar, .piano, .other: 12
    }
  }

  private static func ratio(_ kind: StemKind) -> Double {
    switch kind {
    case .bass: 4
    case .vocals, .backingVocals, .drums, .kick: 3
    case .synth, .guitar, .piano, .other: 2
    }
  }

  /// Sets the compressors of tracks that have none.
  public func advise(_ plan: MixPlan, for song: AnalysedStems) -> MixPlan {
    var plan = plan
    for part in song.audible(plan) where plan.tracks[part.track].compressor == nil {
      plan.tracks[part.track].compressor = compressor(for: song.stems[part.stem])
    }
    return plan
  }

  private func compressor(for stem: StemAnalysis) -> Compressor? {
    let levels = stem.features.levels
    let excess = levels.levelRangeLU - Self.usualRange(stem.kind)
    guard excess > 1 else { return nil }
    var compressor = Compressor()
    compressor.ratio = Self.ratio(stem.kind)
    compressor.kneeDB = 6
    compressor.setTimes(crestDB: stem.crestDB)
    // The detector hears peaks; the levels of 100 ms lie under them by about half the crest factor.
    let peaks = Self.levels(stem).map { $0 + stem.crestDB / 2 }
    let wanted = min(6, excess / 2)
    compressor.thresholdDB = Self.threshold(peaks, reduction: wanted, compressor)
    let mean = Self.meanReduction(peaks, compressor)
    compressor.makeupDB = (mean * 10).rounded() / 10
    compressor.because["threshold"] =
      "levels range over \(levels.levelRangeLU.short) LU, where "
      + "\(Self.usualRange(stem.kind).short) are usual; the loudest come down by "
      + "\(wanted.short) dB"
    compressor.because["makeup"] = "as loud as before"
    return compressor
  }

  /// The levels of 100 ms while the stem sounds, in dBFS, ascending.
  private static func levels(_ stem: StemAnalysis) -> [Double] {
    let gate = BandLevels.gate(stem.bands.weightedPowers)
    var levels: [Double] = []
    for frame in 0..<stem.bands.frameCount where stem.bands.weightedPowers[frame] > gate {
      var power: Float = 0
      for band in 0..<BandLevels.bandCount { power += stem.bands.power(frame: frame, band: band) }
      levels.append(Decibels.level(power: Double(max(power, 1e-14)) / 2))
    }
    return levels.sorted()
  }

  /// The threshold at which the level that 5 % are above comes down by so much, whatever the signal: the static
  /// curve is monotone in it, so that halving the interval always ends.
  private static func threshold(
    _ levels: [Double], reduction: Double, _ compressor: Compressor
  ) -> Double {
    guard !levels.isEmpty else { return Compressor.threshold.standard }
    let loud = levels[min(levels.count - 1, levels.count * 95 / 100)]
    var (low, high) = (Compressor.threshold.range.lowerBound, 0.0)
    for _ in 0..<30 {
      let middle = (low + high) / 2
      if Self.reduction(loud, middle, compressor) > reduction {
        low = middle
      } else {
        high = middle
      }
    }
    return ((low + high) / 2 * 10).rounded() / 10
  }

  /// How much a steady level comes down (Giannoulis, Massberg, Reiss 2012, equation 4).
  private static func reduction(
    _ level: Double, _ threshold: Double, _ compressor: Compressor
  ) -> Double {
    let knee = compressor.kneeDB
    let over = level - threshold + knee / 2
    let within = over.clamped(0...knee)
    let slope = 1 - 1 / compressor.ratio
    return slope * (within * within / (2 * max(knee, 1e-9)) + max(0, over - knee))
  }

  /// By how much the stem becomes softer.
  private static func meanReduction(_ levels: [Double], _ compressor: Compressor) -> Double {
    var (before, after) = (0.0, 0.0)
    for level in levels {
      let reduction = reduction(level, compressor.thresholdDB, compressor)
      before += Decibels.amplitude(2 * level)
      after += Decibels.amplitude(2 * (level - reduction))
    }
    return after > 0 ? Decibels.level(power: before / after) : 0
  }
}
