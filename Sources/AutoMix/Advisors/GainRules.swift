// SPDX-License-Identifier: MIT
public import MixCore

/// Sets the faders by rules: stems are brought to one loudness, then each kind has its place.
///
/// A quiet stem is raised and a loud one lowered. Beside the kind, dull vocals are raised and bright ones lowered
/// by up to 1 dB, and what has been compressed until nothing moves is lowered by up to 1 dB. Several stems of one
/// kind share the place of one.
public struct GainRules: Advisor {
  /// Makes the advisor.
  public init() {}

  /// Where a kind of stem stands against the vocals, in dB.
  static func place(_ kind: StemKind) -> Double {
    switch kind {
    case .vocals: 0
    case .bass: -1.5
    case .drums, .kick, .backingVocals: -2
    case .synth, .guitar, .piano, .other: -2.5
    }
  }

  /// Sets the gain of every track whose stem can be heard; the gains have a mean of 0 dB.
  public func advise(_ plan: MixPlan, for song: AnalysedStems) -> MixPlan {
    var plan = plan
    let parts = song.audible(plan)
    guard !parts.isEmpty else { return plan }
    var gains: [Double] = []
    for part in parts {
      let stem = song.stems[part.stem]
      let group = parts.filter { Self.shares(song.stems[$0.stem].kind, stem.kind) }.count
      let share = -Decibels.level(power: Double(group))
      let gain =
        Self.place(stem.kind) + share + Self.brightness(stem) + Self.density(stem)
        - stem.loudnessLUFS
      gains.append(gain)
      plan.tracks[part.track].because["gain"] = Self.reason(stem, groupCount: group)
    }
    plan.setGains(gains, of: parts.map(\.track))
    return plan
  }

  /// Whether two kinds share one place.
  private static func shares(_ a: StemKind, _ b: StemKind) -> Bool {
    a == b || (a.isPercussive && b.isPercussive)
  }

  /// Dull vocals have to come forward, bright ones do so by themselves.
  private static func brightness(_ stem: StemAnalysis) -> Double {
    stem.kind == .vocals ? ((0.2 - stem.brightness) * 10).clamped(-1...1) : 0
  }

  /// What never gets softer seems louder than it measures.
  private static func density(_ stem: StemAnalysis) -> Double {
    let range = stem.features.levels.levelRangeLU
    return ((range - 4) / 4).clamped(-1...0)
  }

  private static func reason(_ stem: StemAnalysis, groupCount: Int) -> String {
    var text = "\(stem.kind.name) at \(stem.loudnessLUFS.short) LUFS"
    text += "; \(place(stem.kind).signed) dB to the vocals"
    if groupCount > 1 { text += ", shared by \(groupCount)" }
    let brightness = brightness(stem)
    if brightness >= 0.1 { text += "; dull, \(brightness.signed) dB" }
    if brightness <= -0.1 { text += "; bright, \(brightness.signed) dB" }
    let density = density(stem)
    if density <= -0.1 { text += "; its level hardly changes, \(density.signed) dB" }
    return text
  }
}

extension MixPlan {
  /// Sets faders to gains without their mean, in dB.
  mutating func setGains(_ gains: [Double], of tracks: [Int]) {
    let mean = gains.reduce(0, +) / Double(max(1, gains.count))
    // Where one stem is so quiet that no fader reaches it, the others come down to it.
    let largest = (gains.max() ?? 0) - mean
    let shift = -mean - max(0, largest - Track.gain.range.upperBound)
    for (track, gain) in zip(tracks, gains) {
      self.tracks[track].gainDB = (gain + shift).clamped(Track.gain.range)
    }
  }
}
