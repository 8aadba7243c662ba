// SPDX-License-Identifier: MIT
import Foundation
import MixCore

/// The ten genres of the GTZAN collection (Tzanetakis and Cook 2002).
public enum Genre: String, Sendable, CaseIterable {
  case blues
  case classical
  case country
  case disco
  case hiphop
  case jazz
  case metal
  case pop
  case reggae
  case rock
}

/// How much a song is of each genre.
public struct GenreWeights: Sendable, Equatable {
  /// (10): in the order of ``Genre/allCases``; they add up to 1.
  public let weights: [Double]

  /// All of one genre.
  public init(_ genre: Genre) { weights = Genre.allCases.map { $0 == genre ? 1 : 0 } }

  /// A guess from tempo, brightness, the share of lows and the share of drums: little better than none, so it
  /// stays soft, with a leaning towards pop.
  init(_ song: AnalysedStems) {
    func mean(_ value: (StemAnalysis) -> Double) -> Double {
      let audible = song.stems.filter { !$0.isSilent }
      return audible.isEmpty ? 0 : audible.map(value).reduce(0, +) / Double(audible.count)
    }
    let brightness = mean(\.brightness)
    let onsets = mean(\.features.spectrum.onsetStrength.mean)
    let tempo = song.tempo ?? 110
    let scores = Genre.allCases.map { genre -> Double in
      let typical = Self.typical(genre)
      return exp(
        -pow((tempo - typical.tempo) / 40, 2) - pow((brightness - typical.brightness) / 0.1, 2)
          - pow((onsets - typical.onsets) / 0.6, 2) + (genre == .pop ? 0.5 : 0))
    }
    let sum = scores.reduce(0, +)
    weights =
      sum > 1e-9
      ? scores.map { $0 / sum } : [Double](repeating: 0.1, count: Genre.allCases.count)
  }

  private static func typical(
    _ genre: Genre
  ) -> (tempo: Double, brightness: Double, onsets: Double) {
    switch genre {
    case .blues: (100, 0.17, 1.1)
    case .classical: (100, 0.13, 0.7)
    case .country: (120, 0.19, 1.2)
    case .disco: (120, 0.23, 1.5)
    case .hiphop: (92, 0.22, 1.5)
    case .jazz: (110, 0.15, 0.9)
    case .metal: (130, 0.25, 1.2)
    case .pop: (115, 0.22, 1.3)
    case .reggae: (80, 0.2, 1.4)
    case .rock: (125, 0.22, 1.2)
    }
  }

  /// The mean of a value of each genre.
  func mean(_ value: (Genre) -> Double) -> Double {
    zip(weights, Genre.allCases).reduce(0) { $0 + $1.0 * value($1.1) }
  }
}
