// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

@Suite struct TempoAndKeyTests {
  @Test func theTempoIsThatOfLibrosa() throws {
    let fixtures = try FeatureFixtures.load()
    for name in ["clicks", "chords", "song", "noise", "chirp", "burst"] {
      let expected = try #require(fixtures.spectral[name]).tempo
      let tempo = SpectralFeatures.of(try FeatureSignals.named(name), keepsSeries: false).tempo
      let value = try #require(tempo, "\(name)").beatsPerMinute
      #expect(abs(value - expected) < 1e-3 * expected, "\(name): \(value), not \(expected)")
    }
  }

  @Test func clicksHaveTheTempoTheyWereMadeWith() throws {
    for item in try FeatureFixtures.load().tempi {
      let samples = FeatureSignals.clicks(15 * FeatureSignals.rate, perMinute: item.clicksPerMinute)
      let tempo = try #require(SpectralFeatures.of(samples, keepsSeries: false).tempo)
      #expect(abs(tempo.beatsPerMinute - item.beatsPerMinute) < 1e-3 * item.beatsPerMinute)
      let refined = tempo.refinedBeatsPerMinute
      #expect(
        abs(refined - item.clicksPerMinute) < 0.005 * item.clicksPerMinute,
        "\(refined), not \(item.clicksPerMinute)")
      #expect(tempo.strength > 0.3 && tempo.strength <= 1)
      // Clicks of one strength say nothing of half the tempo, and nothing sounds between them.
      #expect(tempo.doubleTempoStrength < tempo.strength / 2)
    }
  }

  @Test func everyOtherClickSoftLeavesTheTempoOpen() throws {
    let rate = FeatureSignals.rate
    let samples = FeatureSignals.clicks(15 * rate, perMinute: 160).enumerated().map { n, sample in
      Int(Double(n) / Double(rate) * 160 / 60) % 2 == 0 ? sample : sample / 8
    }
    let tempo = try #require(SpectralFeatures.of(samples, keepsSeries: false).tempo)
    let isFast = abs(tempo.refinedBeatsPerMinute - 160) < 1
    let other = isFast ? tempo.halfTempoStrength : tempo.doubleTempoStrength
    #expect(isFast || abs(tempo.refinedBeatsPerMinute - 80) < 0.5)
    #expect(other > 0.5 * tempo.strength)
  }

  @Test func progressionsAreInTheirKey() throws {
    let keys = try FeatureFixtures.load().keys
    #expect(keys.count == 4 * 24)
    for item in keys {
      let samples = FeatureSignals.floats(
        FeatureSignals.progression(item.tonic, item.mode, item.timbre, 5512))
      let found = try #require(SpectralFeatures.of(samples, keepsSeries: false).key)
      let expected = MusicalKey(tonic: item.tonic, mode: item.mode == "major" ? .major : .minor)
      #expect(found.key == expected, "\(item): \(found.key.name)")
      #expect(abs(found.correlation - item.correlation) < 1e-3)
      #expect(abs(found.secondCorrelation - item.secondCorrelation) < 1e-3)
    }
  }

  @Test func keysHaveNames() {
    #expect(MusicalKey(tonic: 6, mode: .minor).name == "F# minor")
    #expect(MusicalKey(tonic: -1, mode: .major).name == "B major")
    #expect(KeyEstimate(chroma: [Double](repeating: 0.5, count: 12)) == nil)
    #expect(KeyEstimate(chroma: []) == nil)
  }
}
