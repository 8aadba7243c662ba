// SPDX-License-Identifier: MIT
import MixCore

/// Draws from distributions.
struct Draw {
  var random: SplitMix64

  /// Uniform in a range.
  mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    Double.random(in: range, using: &random)
  }

  /// Gaussian around 0; the sum of twelve uniform numbers.
  mutating func gaussian(_ deviation: Double) -> Double {
    var sum = -6.0
    for _ in 0..<12 { sum += uniform(0...1) }
    return sum * deviation
  }

  /// A song: a genre at 0.8, or in one of four songs the prior for unknown ones; the other values
  /// uniform.
  mutating func song(genres: [SongGenre]) -> (features: SongFeatures, genre: SongGenre)? {
    // Three of four songs are of the listener's favourite genres.
    let genre =
      uniform(0...1) < 0.75
      ? genres.randomElement(using: &random) : SongGenre.allCases.randomElement(using: &random)
    guard let genre else { return nil }
    var vector = [uniform(0.4...1), 44_100.0 / 48_000, uniform(0.3...1), 1]
    vector += [uniform(0.1...0.5), uniform(0.2...0.8), uniform(0...1), uniform(0...1)]
    for _ in 0..<5 { vector.append(uniform(0...0.2)) }
    let isKnown = uniform(0...1) < 0.75
    vector += isKnown ? genre.weights : SongGenre.allCases.map { $0 == .pop ? 0.3 : 0 }
    return SongFeatures(vector: vector.map { Float($0) }).map { ($0, genre) }
  }
}

/// How a simulated listener differs from the proposals.
enum Taste: String, CaseIterable {
  case constant
  case byGenre = "by genre"
  case drifting
  case noisy
}

/// A song with its proposal.
struct Proposal {
  var features: SongFeatures
  var genre: SongGenre
  /// (4) in dB.
  var gains: [Double]
}

/// A person with hidden preferences; see Documentation/Preference.md for the parameters.
struct SimulatedListener {
  let taste: Taste
  /// What the stems of a song change about proposals beyond its features: a standard deviation in
  /// dB.
  let scatter: Double
  private let genres: [SongGenre]
  /// (4) in dB.
  private var offsets: [Double]
  /// (4, 10) in dB.
  private let offsetsByGenre: [Double]

  init(_ taste: Taste, scatter: Double, _ draw: inout Draw) {
    self.taste = taste
    self.scatter = scatter
    genres = Array(SongGenre.allCases.shuffled(using: &draw.random).prefix(3))
    offsets = (0..<4).map { _ in draw.uniform(taste == .byGenre ? -2...2 : -5...5) }
    offsetsByGenre = (0..<40).map { _ in taste == .byGenre ? draw.uniform(-4...4) : 0 }
  }

  /// The next song, and what the automatic mix proposes: the rules' gains of each stem, which move
  /// with level and brightness of the song (±1 dB) and with what the stems are like.
  func nextSong(_ draw: inout Draw) -> Proposal? {
    guard let song = draw.song(genres: genres) else { return nil }
    let rules = [0.0, -2, -1.5, -2.5]
    let slopes = [(-1.0, 0.5), (0.5, -1), (1, 0), (0, 1)]
    var gains: [Double] = []
    for stem in 0..<4 {
      let level = 2 * Double(song.features.vector[2]) - 1
      let brightness = 4 * Double(song.features.vector[4]) - 1
      gains.append(
        rules[stem] + slopes[stem].0 * level + slopes[stem].1 * brightness + draw.gaussian(scatter))
    }
    return Proposal(features: song.features, genre: song.genre, gains: gains)
  }

  /// (4): the gains that this person would like best, in dB.
  func wish(_ proposal: Proposal) -> [Double] {
    (0..<4).map {
      proposal.gains[$0] + offsets[$0] + offsetsByGenre[$0 * 10 + proposal.genre.rawValue]
    }
  }

  /// (4): where this person leaves the faders, in steps of 0.5 dB.
  func edit(_ proposal: Proposal, _ draw: inout Draw) -> [Double] {
    let noise = taste == .noisy ? 2.5 : 0.8
    return wish(proposal).map { gain in
      var kept = gain + draw.gaussian(noise)
      // Now and then somebody plays around.
      if taste == .noisy, draw.uniform(0...1) < 0.1 { kept += draw.uniform(-6...6) }
      return (kept * 2).rounded() / 2
    }
  }

  /// Between two songs.
  mutating func liveOn(_ draw: inout Draw) {
    guard taste == .drifting else { return }
    for stem in 0..<4 { offsets[stem] += draw.gaussian(0.4) }
  }
}
