// SPDX-License-Identifier: MIT
public import MixCore

/// Makes room: turns a stem down in octaves that matter little to it where it covers what matters to another.
///
/// After Hafezi and Reiss, "Autonomous multitrack equalization based on masking reduction" (JAES 63, 2015): octaves
/// are ranked by their level in each stem; where an octave is among the first three of one stem and not of another,
/// the other is turned down there by a part of how far it stands above. At most five bands and 6 dB a track; the
/// lead vocals are never turned down.
public struct MaskingEqualizer: Advisor {
  private static let essentialCount = 3
  private static let scale = 0.35
  private static let largestCut = 6.0
  private static let smallestCut = 0.75
  private static let largestBandCount = 5

  /// Makes the advisor.
  public init() {}

  /// Adds bands to the equalizers.
  public func advise(_ plan: MixPlan, for song: AnalysedStems) -> MixPlan {
    var result = plan
    let parts = song.audible(plan)
    for masker in parts where song.stems[masker.stem].kind != .vocals {
      var cuts: [(band: Int, cut: Double, maskee: Int)] = []
      let essentialOfMasker = Self.essential(song.stems[masker.stem].meanBandPowers)
      for maskee in parts where maskee.stem != masker.stem {
        let essential = Self.essential(song.stems[maskee.stem].meanBandPowers)
        let loud = levels(masker, while: maskee, plan, song)
        let covered = levels(maskee, while: maskee, plan, song)
        for band in essential.subtracting(essentialOfMasker) {
          let masking = loud[band] - covered[band]
          let cut = min(Self.largestCut, Self.scale * masking)
          guard cut >= Self.smallestCut else { continue }
          if let index = cuts.firstIndex(where: { $0.band == band }) {
            if cuts[index].cut < cut { cuts[index] = (band, cut, maskee.stem) }
          } else {
            cuts.append((band, cut, maskee.stem))
          }
        }
      }
      cuts.sort { ($0.cut, $1.band) > ($1.cut, $0.band) }
      let room = max(0, 16 - plan.tracks[masker.track].equalizer.count)
      for cut in cuts.prefix(min(room, Self.largestBandCount)) {
        let frequency = BandLevels.centresHz[cut.band]
        var band = EqualizerBand(
          .bell, frequencyHz: frequency, gainDB: -(cut.cut * 10).rounded() / 10, q: 1.41)
        band.because["gain"] =
          "covers \(song.stems[cut.maskee].name) around \(Int(frequency)) Hz, where it matters more"
        result.tracks[masker.track].equalizer.append(band)
      }
    }
    return result
  }

  /// The octaves that matter most to a stem, and are less than 20 dB under its first.
  private static func essential(_ powers: [Double]) -> Set<Int> {
    let ranked = powers.indices.sorted { powers[$0] > powers[$1] }
    let largest = powers.max() ?? 0
    return Set(ranked.prefix(essentialCount).filter { powers[$0] > 0.01 * largest })
  }

  /// (10): the levels of a stem in the mix while another sounds, in dB.
  private func levels(
    _ part: (track: Int, stem: Int), while other: (track: Int, stem: Int), _ plan: MixPlan,
    _ song: AnalysedStems
  ) -> [Double] {
    song.powers(of: part.stem, while: other.stem).map {
      Decibels.level(power: max($0, 1e-12)) + plan.tracks[part.track].gainDB
    }
  }
}
