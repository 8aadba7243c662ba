// SPDX-License-Identifier: MIT

/// The ten genres of the song features, in the order of their values.
public enum SongGenre: Int, Sendable, CaseIterable {
  case pop, rock, electronic, hiphop, jazz, classical, country, metal, reggae, blues

  /// The name in lower case.
  public var name: String {
    switch self {
    case .pop: "pop"
    case .rock: "rock"
    case .electronic: "electronic"
    case .hiphop: "hiphop"
    case .jazz: "jazz"
    case .classical: "classical"
    case .country: "country"
    case .metal: "metal"
    case .reggae: "reggae"
    case .blues: "blues"
    }
  }

  /// The genre of a name; nil where there is none of it.
  public init?(name: String) {
    for genre in Self.allCases where genre.name.isSame(as: name) {
      self = genre
      return
    }
    return nil
  }

  /// (10): how much a song is of each genre, when it is known: 0.8 of that.
  public var weights: [Double] { Self.allCases.map { $0 == self ? 0.8 : 0 } }

  /// (10): a guess from the first values of ``SongFeatures/vector``, as pages of this kind make it;
  /// 0.3 of pop, a prior of little confidence, where nothing speaks for another.
  static func guess(
    tempo: Double, rms: Double, centroid: Double, flux: Double, zeroCrossingRate: Double
  ) -> [Double] {
    if tempo > 0.6, centroid > 0.5 { return pop.weights }
    if tempo > 0.5, rms > 0.7 { return rock.weights }
    if centroid > 0.6, flux > 0.5 { return electronic.weights }
    if tempo > 0.55, zeroCrossingRate > 0.4 { return hiphop.weights }
    return allCases.map { $0 == pop ? 0.3 : 0 }
  }
}
