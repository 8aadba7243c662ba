// SPDX-License-Identifier: MIT
import Audio
public import MixCore

/// Lets the backing step back by at most 1.5 dB while there is singing, without moving with the syllables.
///
/// A plan's compressor turns down all frequencies alike, so that the notes of a chord keep their balance; what
/// could harm a harmony is that the whole of it moves audibly. Hence a compressor that is far over its threshold
/// as soon as there is singing, of which only a share is heard: with the share m, the gain lies between 1 and 1 - m
/// whatever the vocal does, and hardly follows its level in between. It comes back over about a second. Tracks
/// of singers of their own are not ducked at all, as far as their names say that they are; harmonies within one
/// backing recording cannot be told from the rest of it, and move with it by the 1.5 dB.
public struct VocalDucking: Advisor {
  private static let largestReductionDB = 1.5

  /// Makes the advisor.
  public init() {}

  /// Sets compressors with a side chain on tracks of the backing that have none.
  public func advise(_ plan: MixPlan, for song: AnalysedStems) -> MixPlan {
    guard plan.index(of: VocalAdvice.vocal) != nil,
      let vocal = song.audibleStem(VocalAdvice.vocal)
    else { return plan }
    var plan = plan
    for index in plan.backingIndices where plan.tracks[index].compressor == nil {
      guard let stem = song.audibleStem(plan.tracks[index].name) else { continue }
      if Self.isSung(stem) {
        plan.tracks[index].because["ducking"] = "sung, so its harmony is left alone"
        continue
      }
      plan.tracks[index].compressor = Self.ducker(vocal)
    }
    return plan
  }

  /// “backing” alone says nothing of singing.
  private static func isSung(_ stem: StemAnalysis) -> Bool {
    stem.name != VocalAdvice.backing && stem.kind.isSung
  }

  private static func ducker(_ vocal: StemAnalysis) -> Compressor {
    var compressor = Compressor()
    compressor.sideChain = vocal.name
    // 12 dB under the mean of what sounds: over breaths and bleed, under all singing.
    compressor.thresholdDB = ((vocal.soundingDB - 12) * 10).rounded() / 10
    compressor.thresholdDB = compressor.thresholdDB.clamped(Compressor.threshold.range)
    compressor.ratio = 20
    compressor.kneeDB = 6
    compressor.attackMilliseconds = 50
    compressor.releaseMilliseconds = 350
    compressor.mix = ((1 - Decibels.amplitude(-largestReductionDB)) * 1000).rounded(.down) / 1000
    compressor.because["sideChain"] =
      "\(vocal.name): leaves room for the singing, by \(largestReductionDB.short) dB at most"
    compressor.because["mix"] = "bounds how far it goes down, so that harmonies do not pump"
    return compressor
  }
}

extension StemAnalysis {
  /// The level of the mean square of a channel while it sounds, in dBFS.
  var soundingDB: Double {
    Decibels.level(power: max(meanBandPowers.reduce(0, +), 1e-12) / 2)
  }
}
