// SPDX-License-Identifier: MIT
public import MixCore

/// Moves the vocals by what is usual in the song's genre.
///
/// The distances are those that Li and Lerch ("Vocal Loudness Estimation and Genre Analysis") measured between
/// vocals and mix in GTZAN, from -5.5 dB for country to -7.6 dB for reggae; genres without a figure take the mean.
/// They lie within 2 dB, so that a wrong guess does little harm.
public struct GenreAdvisor: Advisor {
  private static let meanDistance = -6.83
  private let genre: Genre?

  /// - Parameter genre: The genre; nil to guess it from the sound.
  public init(_ genre: Genre? = nil) { self.genre = genre }

  private static func distance(_ genre: Genre) -> Double {
    switch genre {
    case .country: -5.51
    case .rock: -6.36
    case .pop: -6.52
    case .hiphop: -6.69
    case .blues: -6.90
    case .disco: -7.02
    case .metal: -7.13
    case .reggae: -7.58
    case .classical, .jazz: meanDistance
    }
  }

  /// Changes the gain of the vocals.
  public func advise(_ plan: MixPlan, for song: AnalysedStems) -> MixPlan {
    var plan = plan
    let weights = genre.map { GenreWeights($0) } ?? GenreWeights(song)
    let change = weights.mean(Self.distance) - Self.meanDistance
    guard abs(change) >= 0.05 else { return plan }
    let likeliest = zip(weights.weights, Genre.allCases).max { $0.0 < $1.0 }?.1 ?? .pop
    for part in song.audible(plan) where song.stems[part.stem].kind == .vocals {
      let old = plan.tracks[part.track].because["gain"].map { $0 + "; " } ?? ""
      plan.tracks[part.track].gainDB = (plan.tracks[part.track].gainDB + change)
        .clamped(Track.gain.range)
      plan.tracks[part.track].because["gain"] =
        old + (genre == nil ? "seems most like " : "") + "\(likeliest.rawValue), "
        + "\(change.signed) dB"
    }
    return plan
  }
}
