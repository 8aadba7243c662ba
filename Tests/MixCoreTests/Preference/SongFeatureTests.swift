// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

@Suite struct SongFeatureTests {
  private let rate = Double(SpectralFeatureExtractor.sampleRate)

  /// A tone of 5512.5 Hz, amplitude 0.05, with a burst every 0.5 s.
  private func song(seconds: Int) -> [Float] {
    (0..<seconds * Int(rate)).map { n in
      let isLoud = n % Int(rate / 2) < Int(rate / 8)
      return Float((isLoud ? 0.05 : 0.005) * sin(2 * .pi * Double(n) / 4 + 0.3))
    }
  }

  @Test func valuesAreNormalised() {
    let spectrum = SpectralFeatures.of(song(seconds: 30))
    let features = SongFeatures(spectrum, seconds: 30, sampleRate: 44_100, genre: .jazz)
    let vector = features.vector.map { Double($0) }
    #expect(vector.count == 23)
    #expect(abs(vector[0] - 0.1) < 1e-6)
    #expect(abs(vector[1] - 0.91875) < 1e-6)
    // A quarter of the time at 0.05 / √2, the rest at a tenth of it.
    let rms = 0.05 / 2.0.squareRoot() * (0.25 + 0.75 * 0.01).squareRoot()
    #expect(abs(vector[2] - 10 * rms) < 0.01)
    #expect(vector[3] == 1)
    #expect(abs(vector[4] - 0.55) < 0.02 && abs(vector[5] - 0.55) < 0.02)
    // 120 bursts a minute.
    #expect(abs(vector[7] - 0.5) < 0.05)
    #expect(vector[8...12].allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(Array(vector[13...]) == SongGenre.jazz.weights.map { Double(Float($0)) })
  }

  @Test func nothingGoesBeyondOne() {
    let spectrum = SpectralFeatures.of(song(seconds: 4).map { $0 * 1000 })
    let features = SongFeatures(spectrum, seconds: 4000, sampleRate: 48_000)
    #expect(features.vector[..<8].allSatisfy { $0 >= 0 && $0 <= 1 })
  }

  @Test func silenceHasFeatures() {
    let spectrum = SpectralFeatures.of([Float](repeating: 0, count: 22_050))
    let features = SongFeatures(spectrum, seconds: 1, sampleRate: 44_100)
    #expect(features.vector.allSatisfy { $0.isFinite })
    // The prior: a little of pop.
    #expect(features.vector[13] == 0.3 && features.vector[14...].allSatisfy { $0 == 0 })
    let nothing = SongFeatures(SpectralFeatures.of([]), seconds: 0, sampleRate: 44_100)
    #expect(nothing.vector.count == 23 && nothing.vector.allSatisfy { $0.isFinite })
  }

  @Test func vectorsAreChecked() {
    #expect(SongFeatures(vector: [1, 2]) == nil)
    #expect(SongFeatures(vector: [Float](repeating: .nan, count: 23)) == nil)
    #expect(SongFeatures(vector: [Float](repeating: 1e9, count: 23)) == nil)
  }
}
