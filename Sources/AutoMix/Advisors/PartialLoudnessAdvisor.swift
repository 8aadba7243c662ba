// SPDX-License-Identifier: MIT
import Foundation
public import MixCore

/// Corrects the faders by what is left of each stem beside the others.
///
/// Partial loudness is what a sound adds to what is there without it, octave by octave, with the compressive
/// loudness of the ear (Moore, Glasberg and Baer, "A model for the prediction of thresholds, loudness, and partial
/// loudness", JAES 45, 1997). Mixing until the partial loudness of all stems is as wanted is due to Ward, Reiss and
/// Athwal, "Multitrack mixing using a model of loudness and partial loudness", AES 133, 2012. Here the excitation is
/// that of octaves, and what was decided before moves by 3 dB at most.
public struct PartialLoudnessAdvisor: Advisor {
  private static let exponent = 0.23
  private static let largestChange = 3.0
  private static let roundCount = 40
  private static let step = 0.3
  /// The threshold in quiet under the sum of all stems, as powers: 80 dB under full scale, where a mix is at -18 dB.
  private static let quiet = 6e-7

  /// Makes the advisor.
  public init() {}

  /// Changes the gain of every track whose stem can be heard.
  public func advise(_ plan: MixPlan, for song: AnalysedStems) -> MixPlan {
    let parts = song.audible(plan)
    guard parts.count > 1 else { return plan }
    var changes = [Double](repeating: 0, count: parts.count)
    let floor = Self.quiet * total(parts, plan, song)
    // What is wanted is what the faders before would give if nothing covered anything.
    let wanted = parts.indices.map {
      level(of: $0, parts, changes, plan, song, floor, besideOthers: false)
    }
    for _ in 0..<Self.roundCount {
      let missing = parts.indices.map { index in
        wanted[index] - level(of: index, parts, changes, plan, song, floor, besideOthers: true)
      }
      let mean = missing.reduce(0, +) / Double(missing.count)
      for index in parts.indices {
        changes[index] = (changes[index] + Self.step * (missing[index] - mean))
          .clamped(-Self.largestChange...Self.largestChange)
      }
    }
    var result = plan
    for (part, change) in zip(parts, changes) where abs(change) >= 0.05 {
      let old = plan.tracks[part.track].because["gain"].map { $0 + "; " } ?? ""
      result.tracks[part.track].gainDB = (plan.tracks[part.track].gainDB + change)
        .clamped(Track.gain.range)
      result.tracks[part.track].because["gain"] =
        old + (change > 0 ? "covered by others" : "stands clear of the others")
        + ", \(change.signed) dB"
    }
    return result
  }

  /// The mean powers of all stems with the faders of the plan, all octaves together.
  private func total(
    _ parts: [(track: Int, stem: Int)], _ plan: MixPlan, _ song: AnalysedStems
  ) -> Double {
    parts.reduce(0) { sum, part in
      let gain = Decibels.amplitude(2 * plan.tracks[part.track].gainDB)
      return sum + gain * song.powers(of: part.stem, while: part.stem).reduce(0, +)
    }
  }

  /// The loudness of a stem, alone or partial, on a scale of dB.
  private func level(
    of index: Int, _ parts: [(track: Int, stem: Int)], _ changes: [Double], _ plan: MixPlan,
    _ song: AnalysedStems, _ floor: Double, besideOthers: Bool
  ) -> Double {
    let stem = parts[index].stem
    func excitation(_ other: Int) -> [Double] {
      let gain = Decibels.amplitude(
        2 * (plan.tracks[parts[other].track].gainDB + changes[other]))
      return Self.spread(song.powers(of: parts[other].stem, while: stem).map { $0 * gain })
    }
    let own = excitation(index)
    var others = [Double](repeating: 0, count: own.count)
    if besideOthers {
      for other in parts.indices where other != index {
        for (band, power) in excitation(other).enumerated() { others[band] += power }
      }
    }
    var loudness = 0.0
    for band in own.indices {
      let before = others[band] + floor
      loudness += power(own[band] + before) - power(before)
    }
    return 10 / Self.exponent * log10(max(loudness, 1e-12))
  }

  private func power(_ x: Double) -> Double { pow(x, Self.exponent) }

  /// The middle ear, and what the excitation of an octave does to its neighbours: 10 dB less an octave up,
  /// 25 dB less an octave down.
  private static func spread(_ powers: [Double]) -> [Double] {
    let heard = zip(powers, ear).map { $0 * $1 }
    return heard.indices.map { band in
      var sum = heard[band]
      if band > 0 { sum += 0.1 * heard[band - 1] }
      if band > 1 { sum += 0.01 * heard[band - 2] }
      if band + 1 < heard.count { sum += 0.003 * heard[band + 1] }
      return sum
    }
  }

  /// The K-weighting of BS.1770-4 at the middles of the octaves, as powers.
  static let ear = [-7.6, -2.8, -0.7, -0.1, 0, 0.7, 3.1, 3.9, 4, 4].map {
    Decibels.amplitude(2 * $0)
  }
}
