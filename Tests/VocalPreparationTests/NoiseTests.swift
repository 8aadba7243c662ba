// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

@Suite struct NoiseTests {
  static let rate = 44_100
  let clean = Signals.voice(
    rate: Self.rate, seconds: 12, onsets: Signals.onsets(seconds: 12, seed: 7))

  func reduced(_ take: [Float], by reduction: Double, rate: Int = Self.rate) -> (
    samples: [Float], profile: NoiseProfile?
  ) {
    var samples = take
    let profile = samples.asTake { block in
      let profile = NoiseProfile(block, sampleRate: Double(rate))
      profile?.reduce(block, sampleRate: Double(rate), reductionDB: reduction)
      return profile
    }
    return (samples, profile)
  }

  /// The level of a signal over what differs from it, in dB.
  func ratio(_ samples: [Float], _ clean: [Float]) -> Double {
    Signals.level(clean) - Signals.level(zip(samples, clean).map { $0 - $1 })
  }

  @Test(arguments: [0.003, 0.01, 0.03]) func noiseGoesAndTheVoiceStays(_ level: Double) throws {
    let noise = Signals.noise(count: clean.count, level: level)
    let take = Signals.sum(clean, noise)
    let (samples, profile) = reduced(take, by: 12)
    let found = try #require(profile)
    #expect(abs(found.floorDB - Signals.level(noise)) < 1)
    #expect(ratio(samples, clean) > ratio(take, clean) + 6)
    // In the pause from 2.6 to 2.9 s there is nothing else.
    let pause = 2.6...2.9
    let range = Int(pause.lowerBound * 44_100)..<Int(pause.upperBound * 44_100)
    let fall = Signals.level(take[range]) - Signals.level(samples[range])
    #expect(fall > 10 && fall < 12.5)
  }

  /// Musical noise is power that comes and goes in single bins: a few peaks far over the mean.
  @Test func whatIsLeftOfTheNoiseDoesNotRing() {
    let noise = Signals.noise(count: clean.count, level: 0.01)
    let samples = reduced(Signals.sum(clean, noise), by: 12).samples
    func kurtosis(_ samples: [Float]) -> Double {
      let transform = RealFourierTransform(count: 1024)
      var powers = [Float](repeating: 0, count: 513)
      var (square, fourth, count) = (0.0, 0.0, 0.0)
      for start in stride(from: Int(2.55 * 44_100), to: Int(2.9 * 44_100), by: 512) {
        let frame = samples[start..<start + 1024].enumerated().map {
          $1 * Float(0.5 - 0.5 * cos(2 * .pi * Double($0) / 1024))
        }
        transform.powers(of: frame, into: &powers)
        for k in 20..<500 {
          square += Double(powers[k])
          fourth += Double(powers[k]) * Double(powers[k])
          count += 1
        }
      }
      return fourth / count / pow(square / count, 2)
    }
    // 2 for Gaussian noise.
    #expect(kurtosis(noise) < 2.5)
    #expect(kurtosis(samples) < 3)
  }

  @Test func aCleanTakeIsLeftAlone() {
    #expect(reduced(clean, by: 12).profile == nil)
    #expect(reduced(clean, by: 12).samples == clean)
  }

  @Test func softNotesAndHeldTonesAreNoNoise() {
    var soft = Signals.tone(rate: Self.rate, seconds: 6) { _ in 220 }
    for i in soft.indices where i < 3 * Self.rate { soft[i] *= 0.05 }
    #expect(reduced(soft, by: 12).samples == soft)
    let held = Signals.tone(rate: Self.rate, seconds: 4) { _ in 330 }
    #expect(reduced(held, by: 12).samples == held)
    let noise = Signals.noise(count: 100_000, level: 0.1)
    #expect(reduced(noise, by: 12).samples == noise)
  }

  @Test(arguments: [8_000, 16_000, 48_000, 96_000]) func allRatesWork(_ rate: Int) throws {
    let voice = Signals.voice(
      rate: rate, seconds: 7, onsets: Signals.onsets(seconds: 7, seed: 7))
    let take = Signals.sum(voice, Signals.noise(count: voice.count, level: 0.01))
    let (samples, profile) = reduced(take, by: 12, rate: rate)
    #expect(profile != nil)
    #expect(ratio(samples, voice) > ratio(take, voice) + 3)
  }

  @Test func gainsOfOneGiveTheSamplesBack() {
    var samples = clean
    let spectrum = FrameSpectrum(sampleRate: 44_100)
    let ones = [Float](repeating: 1, count: spectrum.binCount)
    samples.asTake { block in
      for position in spectrum.positions(block.frameCount) {
        spectrum.load(block, at: position)
        spectrum.store(ones, to: block, at: position)
      }
    }
    #expect(zip(samples, clean).allSatisfy { abs($0 - $1) < 1e-6 })
  }
}
