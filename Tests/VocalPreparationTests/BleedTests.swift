// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

@Suite struct BleedTests {
  static let rate = 44_100
  let backing = Signals.backing(rate: Self.rate, seconds: 15)
  let voice = Signals.voice(
    rate: Self.rate, seconds: 15,
    onsets: Signals.onsets(seconds: 15, seed: 21).map { ($0.time + 0.07, $0.note) })

  func reduced(_ take: [Float], by reduction: Double = 12) -> (samples: [Float], bleed: Bleed?) {
    var samples = take
    let reducer = BleedReducer(sampleRate: Double(Self.rate))
    func pass() {
      // In blocks of a size that is no multiple of anything.
      for start in stride(from: 0, to: backing.count, by: 5_003) {
        Array(backing[start..<min(backing.count, start + 5_003)]).withUnsafeBufferPointer { part in
          samples.asTake { reducer.process(backing: part, take: $0) }
        }
      }
    }
    pass()
    guard samples.asTake(reducer.endLevels) else { return (samples, nil) }
    pass()
    guard let bleed = samples.asTake(reducer.endSpectra) else { return (samples, nil) }
    reducer.beginReduction(reductionDB: reduction)
    pass()
    samples.asTake(reducer.endReduction)
    return (samples, bleed)
  }

  /// The samples in which the singer is silent.
  func pauses(_ samples: [Float]) -> [Float] {
    stride(from: 2, to: 15, by: 3).flatMap { second in
      samples[second * Self.rate + 20_000..<(second + 1) * Self.rate]
    }
  }

  @Test(arguments: [-15.0, -25, -35]) func bleedGoesAndTheVoiceStays(_ gain: Double) throws {
    let bleed = Signals.room(backing, rate: Self.rate, gain: Float(pow(10, gain / 20)))
    let take = Signals.sum(voice, bleed)
    let (samples, found) = reduced(take)
    let level = try #require(found).levelDB
    #expect(abs(level - (Signals.level(bleed) - Signals.level(backing))) < 3)
    let fall = Signals.level(pauses(take)) - Signals.level(pauses(samples))
    #expect(fall > 8 && fall < 12.5, "\(fall) dB")
    // What the voice alone was is still there.
    func ratio(_ samples: [Float]) -> Double {
      Signals.level(voice) - Signals.level(zip(samples, voice).map { $0 - $1 })
    }
    #expect(ratio(samples) > ratio(take), "\(ratio(take)) to \(ratio(samples)) dB")
    #expect(abs(Signals.level(samples) - Signals.level(voice)) < 1)
  }

  @Test func aTakeWithoutTheBackingIsLeftAlone() {
    #expect(reduced(voice).samples == voice)
    let noisy = Signals.sum(voice, Signals.noise(count: voice.count, level: 0.003))
    #expect(reduced(noisy).samples == noisy)
    // Another song in the headphones, and a voice without pauses.
    let other = Signals.room(
      Signals.backing(rate: Self.rate, seconds: 15, seed: 400), rate: Self.rate, gain: 0.1)
    let foreign = Signals.sum(voice, other)
    #expect(reduced(foreign).samples == foreign)
    let held = Signals.tone(rate: Self.rate, seconds: 15) { 220 + 20 * sin($0) }
    #expect(reduced(held).samples == held)
  }
}
