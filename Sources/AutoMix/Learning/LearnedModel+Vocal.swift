// SPDX-License-Identifier: MIT
import Foundation
import MixCore

extension LearnedModel {
  /// What a vocal over a backing is to become, as far as the model knows better than the standards.
  ///
  /// - Parameters:
  ///   - vocal: A stem that can be heard.
  ///   - backing: What it stands over.
  ///   - standards: What holds where the model knows nothing better.
  /// - Throws: ``AutoMixError`` with the code `model`.
  public func targets(
    vocal: StemAnalysis, backing: StemAnalysis, standards: VocalTargets = VocalTargets()
  ) throws(AutoMixError) -> VocalTargets {
    var targets = standards
    guard !vocal.isSilent, !backing.isSilent else { return targets }
    let source = "learned from \(card.songs.count) songs"
    if isBetter("level"), let value = try predict(.level, vocal: vocal, backing: backing) {
      targets.loudnessLU = value[0].clamped(-12...6)
      targets.because["loudnessLU"] = source
    }
    if isBetter("range"), let value = try predict(.range, vocal: vocal, backing: backing) {
      targets.levelRangeDB = value[0].clamped(5...25)
      targets.usesLoudnessRange = false
      targets.because["levelRangeDB"] = source
    }
    if isBetter("decay"), let value = try predict(.decay, vocal: vocal, backing: backing) {
      targets.decaySeconds = exp(value[0]).clamped(0.3...3.1)
      targets.because["decaySeconds"] = source
    }
    if isBetter("equalizer"), let gains = try predict(.equalizer, vocal: vocal, backing: backing) {
      let ranked = zip(VocalAspect.bandsHz, gains).sorted { abs($0.1) > abs($1.1) }
      targets.equalizer = ranked.prefix(4).filter { abs($0.1) >= 1 }
        .map { frequency, gain in
          let gain = (gain.clamped(-8...8) * 10).rounded() / 10
          return EqualizerBand(.bell, frequencyHz: frequency, gainDB: gain, q: 1)
        }
        .sorted { $0.frequencyHz < $1.frequencyHz }
      targets.because["equalizer"] = source
    }
    return targets
  }
}
