// SPDX-License-Identifier: MIT
public import MixCore

/// Lets one stem turn another down while it sounds: the kick the bass, the vocals what lies under them.
///
/// Gentle ducking of 1 to 3 dB. A track has one compressor: where there is one already, it stays, and says so.
public struct SideChainAdvisor: Advisor {
  /// Makes the advisor.
  public init() {}

  /// Sets compressors with a side chain.
  public func advise(_ plan: MixPlan, for song: AnalysedStems) -> MixPlan {
    var plan = plan
    let parts = song.audible(plan)
    func loudest(_ kinds: [StemKind]) -> StemAnalysis? {
      for kind in kinds {
        let stems = parts.map { song.stems[$0.stem] }.filter { $0.kind == kind }
        if let stem = stems.max(by: { ($0.loudnessLUFS, $1.name) < ($1.loudnessLUFS, $0.name) }) {
          return stem
        }
      }
      return nil
    }
    let hit = loudest([.kick, .drums])
    let lead = loudest([.vocals])
    for part in parts {
      let ducker: Compressor? =
        switch song.stems[part.stem].kind {
        case .bass:
          hit.map {
            Self.ducker(by: $0, reductionDB: 3, attack: 2, release: 90, "leaves room for its beats")
          }
        case .synth, .guitar, .piano, .other:
          lead.map {
            Self.ducker(
              by: $0, reductionDB: 1.5, attack: 20, release: 250, "steps back while they sing")
          }
        case .drums, .kick, .vocals, .backingVocals: nil
        }
      guard let ducker else { continue }
      if plan.tracks[part.track].compressor == nil {
        plan.tracks[part.track].compressor = ducker
      } else if plan.tracks[part.track].compressor?.sideChain == nil {
        plan.tracks[part.track].compressor?.because["sideChain"] =
          "none, since its one compressor evens it out"
      }
    }
    return plan
  }

  /// A compressor that goes down by `reductionDB` when the key is as loud as its loud parts.
  private static func ducker(
    by key: StemAnalysis, reductionDB: Double, attack: Double, release: Double, _ reason: String
  ) -> Compressor {
    var compressor = Compressor()
    compressor.sideChain = key.name
    compressor.ratio = 2
    compressor.kneeDB = 6
    let peaks = key.soundingRMSDB + key.crestDB / 2
    // Above the knee a ratio of 2 takes half of what is over the threshold.
    compressor.thresholdDB =
      ((peaks - 2 * reductionDB) * 10).rounded() / 10
    compressor.thresholdDB = compressor.thresholdDB.clamped(Compressor.threshold.range)
    compressor.attackMilliseconds = attack
    compressor.releaseMilliseconds = release
    compressor.because["sideChain"] = "\(key.name): \(reason), by about \(reductionDB.short) dB"
    return compressor
  }
}
