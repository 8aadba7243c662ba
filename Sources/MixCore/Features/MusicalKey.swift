// SPDX-License-Identifier: MIT

/// A tonic and a mode.
public struct MusicalKey: Sendable, Equatable {
  /// Major or minor.
  public enum Mode: Sendable, Equatable {
    /// Major.
    case major
    /// Minor.
    case minor

    /// The mode in a word.
    public var name: String { self == .major ? "major" : "minor" }
  }

  /// The pitch class of the tonic, 0 for C to 11 for B.
  public var tonic: Int
  /// Major or minor.
  public var mode: Mode

  /// Makes a key; `tonic` is taken modulo 12.
  public init(tonic: Int, mode: Mode) {
    self.tonic = ((tonic % 12) + 12) % 12
    self.mode = mode
  }

  /// The key in words, such as “F# minor”; black keys are named as sharps.
  public var name: String { Self.pitchClassNames[tonic] + " " + mode.name }

  /// The names of the pitch classes from C.
  public static let pitchClassNames = [
    "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B",
  ]
}

/// The key that fits best, and the next best.
public struct KeyEstimate: Sendable, Equatable {
  /// The key whose profile correlates best.
  public var key: MusicalKey
  /// Pearson's correlation of its profile with the mean chroma, -1 to 1.
  public var correlation: Double
  /// The second best key, often the relative one or a fifth away.
  public var secondKey: MusicalKey
  /// The correlation of the second best key; near `correlation`, the key is uncertain.
  public var secondCorrelation: Double

  /// The probe-tone profiles of Krumhansl and Kessler (Psychological Review 89, 1982; Krumhansl, Cognitive
  /// Foundations of Musical Pitch, 1990, table 2.1), from the tonic.
  private static let majorProfile = [
    6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88,
  ]
  private static let minorProfile = [
    6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17,
  ]

  /// Finds the key of a mean chroma, (12) from C, by the algorithm of Krumhansl and Schmuckler; nil where all
  /// classes are equal, as in silence.
  public init?(chroma: [Double]) {
    guard chroma.count == 12 else { return nil }
    let mean = chroma.reduce(0, +) / 12
    let values = chroma.map { $0 - mean }
    let power = values.reduce(0) { $0 + $1 * $1 }
    guard power > 1e-12 else { return nil }
    var first = (key: MusicalKey(tonic: 0, mode: .major), correlation: -Double.infinity)
    var second = first
    for mode in [MusicalKey.Mode.major, .minor] {
      let profile = mode == .major ? Self.majorProfile : Self.minorProfile
      let profileMean = profile.reduce(0, +) / 12
      let profilePower = profile.reduce(0) { $0 + ($1 - profileMean) * ($1 - profileMean) }
      for tonic in 0..<12 {
        var product = 0.0
        for index in 0..<12 {
          product += values[(tonic + index) % 12] * (profile[index] - profileMean)
        }
        let correlation = product / (power * profilePower).squareRoot()
        if correlation > first.correlation {
          second = first
          first = (MusicalKey(tonic: tonic, mode: mode), correlation)
        } else if correlation > second.correlation {
          second = (MusicalKey(tonic: tonic, mode: mode), correlation)
        }
      }
    }
    (key, correlation) = first
    (secondKey, secondCorrelation) = second
  }
}
