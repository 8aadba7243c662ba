// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

@Suite struct ResidualLearnerTests {
  private func gaussian(_ deviation: Double, _ random: inout SplitMix64) -> Double {
    let u = Double.random(in: 1e-12..<1, using: &random)
    let v = Double.random(in: 0..<1, using: &random)
    return deviation * (-2 * log(u)).squareRoot() * cos(2 * .pi * v)
  }

  private func song(_ random: inout SplitMix64) throws -> SongFeatures {
    let genre = SongGenre.allCases.randomElement(using: &random)
    let scalars = (0..<13).map { _ in Float.random(in: 0...1, using: &random) }
    let weights = (genre ?? .pop).weights.map { Float($0) }
    return try #require(SongFeatures(vector: scalars + weights))
  }

  /// Mean absolute leave-one-out errors of five edits, over 100 listeners and four stems: with
  /// nothing learned, and with the learner.
  private func leaveOneOut(
    taste: Double, noise: Double
  ) throws -> (rules: Double, learned: Double) {
    var (rules, learned) = (0.0, 0.0)
    for seed in 0..<100 {
      var random = SplitMix64(seed: UInt64(seed))
      // A hidden linear taste in tempo, level and brightness.
      let weights = (0..<16).map { _ in gaussian(taste, &random) }
      let edits = try (0..<5).map { _ in
        let features = try song(&random)
        let inputs: [Double] = [
          2, features.tempo - 0.5, features.rms - 0.5, features.centroid - 0.5,
        ]
        var kept: [Double] = []
        for stem in 0..<4 {
          var gain = gaussian(noise, &random)
          for input in 0..<4 { gain += weights[stem * 4 + input] * inputs[input] }
          kept.append(gain)
        }
        return MixEdit(
          features: features, proposed: StemGains(vocals: 0, drums: 0, bass: 0, other: 0),
          kept: try #require(StemGains(kept)))
      }
      for left in edits.indices {
        var others = edits
        others.remove(at: left)
        let learner = ResidualLearner(others)
        for (index, stem) in StemGains.stems.enumerated() {
          let residual = try #require(edits[left].keptGains).values[index]
          let change =
            learner.preference(.gain, of: stem, in: edits[left].features)?.change ?? 0
          rules += abs(residual) / 2000
          learned += abs(residual - change) / 2000
        }
      }
    }
    return (rules, learned)
  }

  @Test func aHiddenTasteIsLearnedFromFiveEdits() throws {
    let errors = try leaveOneOut(taste: 1, noise: 0.7)
    #expect(errors.learned < 0.8 * errors.rules, "\(errors)")
  }

  @Test func editsWithoutTasteDoLittleHarm() throws {
    let errors = try leaveOneOut(taste: 0, noise: 2)
    #expect(errors.learned < 1.1 * errors.rules, "\(errors)")
  }

  private func edit(
    _ change: Double, _ genre: SongGenre = .rock, stem: String = "vocals"
  ) -> MixEdit {
    var plan = MixPlan(trackNames: [stem])
    plan.tracks[0].gainDB = -3
    var kept = plan
    kept.tracks[0].gainDB += change
    let vector = [Float](repeating: 0.5, count: 13) + genre.weights.map { Float($0) }
    return MixEdit(proposed: plan, kept: kept, features: SongFeatures(vector: vector))
  }

  private func change(_ edits: [MixEdit], _ genre: SongGenre = .rock) -> Preference? {
    ResidualLearner(edits).preference(.gain, of: "vocals", in: edit(0, genre).features)
  }

  @Test func nothingIsChangedBelowThreeSongs() throws {
    #expect(change([]) == nil)
    #expect(change([edit(4), edit(4)]) == nil)
    let preference = try #require(change([edit(4), edit(4), edit(4)]))
    #expect(preference.change > 2.5 && preference.change < 4)
    #expect(preference.songCount == 3)
    // What was never touched stays exactly as it is.
    #expect(change([edit(0), edit(0), edit(0)]) == nil)
  }

  @Test func moreSongsAreSurerAndShrinkLess() throws {
    let edits = (0..<30).map { edit(3 + ($0 % 2 == 0 ? 0.5 : -0.5)) }
    let few = try #require(change(Array(edits.prefix(4))))
    let many = try #require(change(edits))
    #expect(abs(many.change - 3) < 0.3)
    #expect(many.standardDeviation < few.standardDeviation)
  }

  @Test func nothingGoesBeyondTheLimit() throws {
    let loud = try #require(change((0..<20).map { _ in edit(20) }))
    #expect(loud.change == 6)
  }

  @Test func stemsOfOneRoleShareATaste() throws {
    func edits(_ changes: [Double]) -> [MixEdit] {
      (0..<8).map { _ in
        let proposed = MixPlan(trackNames: changes.indices.map { "guitar \($0)" })
        var kept = proposed
        for index in changes.indices { kept.tracks[index].gainDB += changes[index] }
        return MixEdit(proposed: proposed, kept: kept) { _ in "guitar" }
      }
    }
    let one = ResidualLearner(edits([3])).preference(.gain, of: "guitar", in: nil)
    let two = ResidualLearner(edits([5, 1])).preference(.gain, of: "guitar", in: nil)
    #expect(try #require(one).change > 2)
    #expect(one == two)
  }

  @Test func genresAreToldApart() throws {
    let edits = (0..<12).map { edit($0 % 2 == 0 ? 3 : -3, $0 % 2 == 0 ? .rock : .jazz) }
    #expect(try #require(change(edits, .rock)).change > 1.5)
    #expect(try #require(change(edits, .jazz)).change < -1.5)
  }

  @Test func aChangedMindIsFollowed() throws {
    let edits = (0..<24).map { edit($0 < 14 ? 4 : -2) }
    #expect(try #require(change(edits)).change < -0.5)
  }

  @Test func theSameEditsGiveTheSamePreference() {
    let edits = (0..<8).map { edit(Double($0 % 3)) }
    #expect(change(edits) == change(edits))
  }

  @Test func ofVeryManyStemsThoseOfTheMostSongsAreLearnedFrom() {
    let taste = (0..<5).map { _ in edit(-2) }
    let many = (0..<6).map { song in
      let plan = MixPlan(
        trackNames: (0..<MixPlan.maximumTrackCount).map { "\($0) of song \(song)" })
      var kept = plan
      for index in kept.tracks.indices { kept.tracks[index].gainDB = 1 }
      return MixEdit(proposed: plan, kept: kept, features: edit(0).features)
    }
    for edits in [taste + many, many + taste, [many[0]] + taste + many[1...]] {
      let learner = ResidualLearner(edits)
      #expect(learner.stems.count == ResidualLearner.maximumStemCount)
      #expect(learner.stems.contains("vocals"))
      #expect(change(edits) == change(taste))
    }
    // Of those that are equally rare the latest; in the order in which they came.
    let names = many[5].stems.prefix(ResidualLearner.maximumStemCount).map(\.name)
    #expect(ResidualLearner(many).stems == names)
  }

  @Test func hostileValuesStayFinite() throws {
    let edits = [edit(1e9), edit(-1e9), edit(1e9), edit(0.001)]
    let preference = try #require(change(edits))
    #expect(preference.change.isFinite && preference.standardDeviation.isFinite)
  }
}
