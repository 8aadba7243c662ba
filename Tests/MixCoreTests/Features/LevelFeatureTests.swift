// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

/// Levels against pyloudnorm and NumPy.
@Suite struct LevelFeatureTests {
  private func levels(
    _ signal: Stereo, rate: Double, channels: Int = 2, size: Int = 4096
  ) -> LevelFeatures {
    let extractor = LevelFeatureExtractor(sampleRate: rate, channelCount: channels)
    var signal = signal
    signal.inBlocks(size, extractor.process)
    return extractor.finish()
  }

  private func compare(_ own: LevelFeatures, _ expected: FeatureFixtures.Levels) throws {
    #expect(abs(own.rmsDB - expected.rmsDB) < 1e-3)
    #expect(abs(own.samplePeakDB - expected.samplePeakDB) < 1e-3)
    #expect(abs(own.crestDB - expected.crestDB) < 1e-3)
    #expect(
      abs(own.integratedLUFS - expected.integratedLUFS) < 1e-3,
      "\(own.integratedLUFS), not \(expected.integratedLUFS)")
    // pyloudnorm's own filters are not quite those of the standard.
    #expect(abs(own.integratedLUFS - expected.pyloudnormDefaultLUFS) < 0.06)
    // Percentiles are known to their class of 0.01 LU.
    #expect(abs(own.levelRangeLU - expected.levelRangeLU) < 0.02)
    let range = try #require(own.dynamicRangeDB)
    #expect(abs(range - expected.dynamicRangeDB) < 1e-3)
  }

  @Test func levelsAreThoseOfPyloudnormAndNumPy() throws {
    let expected = try FeatureFixtures.load().levels
    for (rate, seed) in [(44_100, UInt64(7)), (48_000, 9)] {
      let signal = FeatureSignals.stereo(rate, seed: seed)
      try compare(
        levels(signal, rate: Double(rate)), try #require(expected["stereo\(rate)"]))
    }
    let mono = FeatureSignals.stereo(44_100, seed: 7)
    try compare(
      levels(mono, rate: 44_100, channels: 1), try #require(expected["mono44100"]))
    let demo = try FeatureSignals.demo()
    let count = demo.count / 4410 * 4410
    let song = Stereo(Array(demo.left.prefix(count)), Array(demo.right.prefix(count)))
    try compare(levels(song, rate: 44_100), try #require(expected["song"]))
  }

  @Test(arguments: [1, 100, 44_100, 1_000_000])
  func theSizeOfTheBlocksDoesNotMatter(size: Int) throws {
    let signal = FeatureSignals.stereo(44_100, seed: 7)
    let (whole, parts) = (levels(signal, rate: 44_100), levels(signal, rate: 44_100, size: size))
    #expect(whole.samplePeakDB == parts.samplePeakDB)
    #expect(abs(whole.rmsDB - parts.rmsDB) < 1e-9)
    #expect(abs(whole.integratedLUFS - parts.integratedLUFS) < 1e-6)
    #expect(abs(whole.levelRangeLU - parts.levelRangeLU) < 1e-6)
    let (a, b) = (try #require(whole.dynamicRangeDB), try #require(parts.dynamicRangeDB))
    #expect(abs(a - b) < 1e-9)
  }

  @Test(arguments: sampleRates)
  func silenceAndShortSignalsHaveLevels(rate: Double) {
    let silence = levels(Stereo(both: [Float](repeating: 0, count: Int(rate))), rate: rate)
    #expect(silence.rmsDB == -.infinity && silence.samplePeakDB == -.infinity)
    #expect(silence.crestDB == 0 && silence.levelRangeLU == 0)
    #expect(silence.integratedLUFS == -.infinity && silence.dynamicRangeDB == nil)
    let one = levels(Stereo([0.5], [0.5]), rate: rate)
    #expect(abs(one.rmsDB - 20 * log10(0.5)) < 1e-6 && abs(one.crestDB) < 1e-6)
    #expect(levels(Stereo([], []), rate: rate).rmsDB == -.infinity)
    let bad = levels(Stereo([.nan, 0.5, .infinity], [0, 0, 0]), rate: rate)
    #expect(bad.rmsDB.isFinite)
  }

  @Test func aSineHasNoDynamicRange() throws {
    let sine = Stereo.sine(997, amplitude: 0.5, seconds: 12, sampleRate: 48_000)
    let own = levels(sine, rate: 48_000)
    #expect(abs(try #require(own.dynamicRangeDB)) < 0.01)
    #expect(abs(own.crestDB - 20 * log10(2.0.squareRoot())) < 0.01)
    #expect(own.levelRangeLU < 0.1)
    // A silent channel has no dynamic range that could count.
    let left = levels(Stereo(sine.left, sine.left.map { _ in 0 }), rate: 48_000)
    #expect(abs(try #require(left.dynamicRangeDB)) < 0.01)
  }
}
