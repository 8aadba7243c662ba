// SPDX-License-Identifier: MIT
import MixCore

/// The stems of one song, analysed: what advisors decide by.
public struct AnalysedStems: Sendable, Equatable {
  /// The stems, in any order.
  public let stems: [StemAnalysis]
  /// The tempo in beats per minute, of the most regular stem that is not sung, else of any; nil where nothing
  /// repeats.
  public let tempo: Double?
  /// (stems, stems, 10): how loud the second stem is in each octave, as it was recorded, while the first sounds.
  private let meanPowers: [Double]

  /// Puts stems together.
  ///
  /// - Complexity: O(stems² · frames).
  public init(_ stems: [StemAnalysis]) {
    self.stems = stems
    let heard = stems.filter { !$0.isSilent }
    tempo =
      (Self.mostRegular(heard.filter { !$0.kind.isSung }) ?? Self.mostRegular(heard))?
      .refinedBeatsPerMinute
    var powers: [Double] = []
    for stem in stems {
      let gate = BandLevels.gate(stem.bands.weightedPowers)
      let active = (0..<stem.bands.frameCount).filter { stem.bands.weightedPowers[$0] > gate }
      for other in stems {
        var sums = [Double](repeating: 0, count: BandLevels.bandCount)
        for frame in active where frame < other.bands.frameCount {
          for band in 0..<BandLevels.bandCount {
            sums[band] += Double(other.bands.power(frame: frame, band: band))
          }
        }
        powers += sums.map { $0 / Double(max(1, active.count)) }
      }
    }
    meanPowers = powers
  }

  private static func mostRegular(_ stems: [StemAnalysis]) -> Tempo? {
    stems.compactMap(\.features.spectrum.tempo).max { $0.strength < $1.strength }
  }

  /// (10): the mean power in each octave of one stem, as it was recorded, while another sounds.
  func powers(of other: Int, while stem: Int) -> ArraySlice<Double> {
    let first = (stem * stems.count + other) * BandLevels.bandCount
    return meanPowers[first..<first + BandLevels.bandCount]
  }

  /// The index of the stem of a track; nil where it was not analysed.
  func index(_ track: Track) -> Int? { stems.firstIndex { $0.name == track.name } }

  /// The track and the stem of everything in a plan that can be heard.
  func audible(_ plan: MixPlan) -> [(track: Int, stem: Int)] {
    plan.tracks.indices.compactMap { track in
      guard let stem = index(plan.tracks[track]), !stems[stem].isSilent else { return nil }
      return (track, stem)
    }
  }

  /// The loudness in LUFS of a sum of stems with the faders of a plan, as if they had nothing in common;
  /// -infinity for silence.
  func loudness(_ plan: MixPlan, where isPart: (StemAnalysis) -> Bool) -> Double {
    let parts = audible(plan).filter { isPart(stems[$0.stem]) }
    let count = parts.map { stems[$0.stem].bands.frameCount }.max() ?? 0
    var sum = [Float](repeating: 0, count: count)
    for part in parts {
      let gain = Float(Decibels.amplitude(2 * plan.tracks[part.track].gainDB))
      for (frame, power) in stems[part.stem].bands.weightedPowers.enumerated() {
        sum[frame] += gain * power
      }
    }
    return BandLevels.loudness(sum)
  }
}
