// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

/// Spectral features against librosa 0.11, and what must hold of them.
@Suite struct SpectralFeatureTests {
  /// Whether a value is within 1e-3 of what is expected, relatively, or absolutely for what may be near zero.
  private func isClose(_ value: Double, _ expected: Double, _ name: String) -> Bool {
    let decibels = ["contrastDB", "mfcc", "onsetStrength"].contains(name)
    return abs(value - expected) <= max(1e-3 * abs(expected), decibels ? 1e-3 : 1e-6)
  }

  @Test(arguments: FeatureSignals.names)
  func everyFrameIsAsInLibrosa(name: String) throws {
    let expected = try #require(try FeatureFixtures.load().spectral[name])
    let features = SpectralFeatures.of(try FeatureSignals.named(name))
    #expect(features.frameCount == expected.frameCount)
    let series = try #require(features.series)
    for (feature, values) in expected.series {
      let (own, width) = try #require(series.all[feature])
      #expect(own.count == features.frameCount * width)
      let step = expected.stride * (feature == "melPowers" ? 16 : 1)
      var worst = (excess: 0.0, text: "")
      for (index, value) in values.enumerated() {
        let frame = index / width * step
        let mine = Double(own[frame * width + index % width])
        if !isClose(mine, value, feature), abs(mine - value) > worst.excess {
          worst = (abs(mine - value), "frame \(frame).\(index % width): \(mine), not \(value)")
        }
      }
      #expect(worst.excess == 0, "\(feature): \(worst.text)")
    }
  }

  @Test(arguments: FeatureSignals.names)
  func summariesAreAsInNumPy(name: String) throws {
    let expected = try #require(try FeatureFixtures.load().spectral[name])
    let features = SpectralFeatures.of(try FeatureSignals.named(name), keepsSeries: false)
    #expect(features.series == nil)
    for (feature, summaries) in features.summaries {
      let means = try #require(expected.mean[feature])
      let deviations = try #require(expected.standardDeviation[feature])
      #expect(summaries.count == means.count)
      for (index, summary) in summaries.enumerated() {
        #expect(isClose(summary.mean, means[index], feature), "\(feature) \(index) \(summary)")
        #expect(
          isClose(summary.standardDeviation, deviations[index], feature),
          "\(feature) \(index) \(summary), not \(deviations[index])")
      }
    }
    for (feature, values) in ["melPowers": features.melPowers, "chroma": features.chroma] {
      let means = try #require(expected.mean[feature])
      for (value, mean) in zip(values, means) {
        #expect(isClose(value, mean, feature), "\(feature) \(value), not \(mean)")
      }
    }
  }

  @Test(arguments: [1, 77, 512, 2048, 100_000])
  func theSizeOfTheBlocksDoesNotMatter(size: Int) throws {
    let samples = try FeatureSignals.named("clicks")
    #expect(SpectralFeatures.of(samples, size: size) == SpectralFeatures.of(samples))
  }

  @Test func onlyTheLevelChangesWithTheLevel() throws {
    let samples = try FeatureSignals.named("song")
    let (full, half) = (
      SpectralFeatures.of(samples), SpectralFeatures.of(samples.map { $0 / 2 })
    )
    #expect(abs(half.rms.mean * 2 - full.rms.mean) < 1e-6)
    #expect(half.zeroCrossingRate == full.zeroCrossingRate)
    #expect(abs(half.centroidHz.mean - full.centroidHz.mean) < 1e-3)
    #expect(half.key == full.key)
    #expect(half.tempo?.beatsPerMinute == full.tempo?.beatsPerMinute)
    // 20 log10(2) in every band, of which the transform is in the first coefficient.
    let step = 20 * log10(2) * 128.0.squareRoot()
    #expect(abs(full.mfcc[0].mean - half.mfcc[0].mean - step) < 1e-2)
    for k in 1..<13 { #expect(abs(full.mfcc[k].mean - half.mfcc[k].mean) < 1e-2) }
  }

  @Test func whatIsNoNumberIsSilence() throws {
    var samples = try FeatureSignals.named("noise")
    var cleaned = samples
    for (index, value) in [(5, Float.nan), (5000, .infinity), (9000, -.infinity), (9001, 1e30)] {
      samples[index] = value
      cleaned[index] = 0
    }
    #expect(SpectralFeatures.of(samples) == SpectralFeatures.of(cleaned))
  }

  @Test func nothingAndSilenceHaveFiniteFeatures() {
    for count in [0, 1, 511, 512, 30_000] {
      let features = SpectralFeatures.of([Float](repeating: 0, count: count))
      #expect(features.frameCount == (count == 0 ? 0 : 1 + count / 512))
      #expect(features.tempo == nil)
      #expect(features.key == nil)
      let all = features.summaries.values.flatMap { $0 }
      #expect(all.allSatisfy { $0.mean.isFinite && $0.standardDeviation.isFinite })
      #expect(features.rms.mean == 0)
      #expect(features.melPowers.allSatisfy { $0 == 0 })
    }
  }

  @Test func extremeSamplesHaveFiniteFeatures() {
    for value in [Float.leastNonzeroMagnitude, 1e-30, 1e-12, 65_536] {
      let samples = (0..<5000).map { $0 % 3 == 0 ? value : -value }
      let features = SpectralFeatures.of(samples)
      for (name, summaries) in features.summaries {
        #expect(
          summaries.allSatisfy { $0.mean.isFinite && $0.standardDeviation.isFinite }, "\(name)")
      }
    }
  }

  @Test func aToneIsWhereItIs() throws {
    let samples = (0..<FeatureSignals.rate).map {
      Float(0.5 * sin(2 * .pi * 1000 * Double($0) / Double(FeatureSignals.rate)))
    }
    let series = try #require(SpectralFeatures.of(samples).series)
    // Away from the ends, a tone is one peak three bins wide, of 10.8 Hz each.
    #expect(abs(series.centroidHz[20] - 1000) < 1)
    #expect(series.bandwidthHz[20] < 40)
    #expect(abs(series.rollOffHz[20] - 1000) < 22)
    #expect(series.flatness[20] < 1e-6)
    #expect(abs(series.rms[20] - 0.5 * Float(0.5).squareRoot()) < 1e-3)
    #expect(abs(series.zeroCrossingRate[20] - 2000.0 / 22_050) < 1e-3)
    #expect(series.flux[20] < 1e-2)
  }
}
