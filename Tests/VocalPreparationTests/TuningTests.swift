// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

@Suite struct TuningTests {
  static let rate = 44_100.0

  func cents(_ hertz: Double, _ reference: Double) -> Double { 1200 * log2(hertz / reference) }

  func tuned(
    _ samples: [Float], amount: Double = 1, key: MusicalKey? = nil, retune: Double = 50
  ) -> [Float] {
    var samples = samples
    samples.asTake { block in
      let track = PitchTrack(block, sampleRate: Self.rate)
      let correction = PitchCorrection(
        track, key: key, amount: amount, retuneMilliseconds: retune)
      PitchShifter(track, correction).process(block)
    }
    return samples
  }

  /// The median pitch of the middle.
  func pitch(_ samples: [Float]) -> Double {
    var samples = samples
    let track = samples.asTake { PitchTrack($0, sampleRate: Self.rate) }
    let values = track.frequencies.filter { $0 > 0 }.sorted()
    return values.isEmpty ? 0 : Double(values[values.count / 2])
  }

  /// A tone between two silences.
  func note(_ hertz: Double, seconds: Double = 1) -> [Float] {
    let silence = [Float](repeating: 0, count: 6_000)
    return silence + Signals.tone(rate: Int(Self.rate), seconds: seconds) { _ in hertz } + silence
  }

  @Test(arguments: [87.31, 130.8, 220, 329.6, 523.25, 784], [-45.0, -20, 30, 48])
  func aDetunedToneComesWithinFiveCentsOfItsNote(_ hertz: Double, _ off: Double) {
    let samples = note(hertz * pow(2, off / 1200))
    let result = tuned(samples)
    #expect(result.count == samples.count)
    let left = cents(pitch(result), hertz)
    #expect(abs(left) < 5, "\(left) cents")
  }

  @Test func theScaleDecidesWhichNoteItIs() {
    // C sharp, a little high, is no note of C major.
    let samples = note(277.18 * pow(2, 20.0 / 1200))
    let result = tuned(samples, key: MusicalKey(tonic: 0, mode: .major))
    #expect(abs(cents(pitch(result), 293.66)) < 5)
  }

  @Test func halfTheAmountGoesHalfTheWay() {
    let samples = note(440 * pow(2, 40.0 / 1200))
    let left = cents(pitch(tuned(samples, amount: 0.5)), 440)
    #expect(abs(left - 20) < 3, "\(left) cents")
  }

  @Test func formantsStayWhereTheyAre() {
    // Down by a semitone nearly: resampling would move the formants by 6 %.
    let hertz = 138.59 * pow(2, 45.0 / 1200)
    let samples = note(hertz, seconds: 2)
    let result = tuned(samples)
    /// Powers in dB in bands of 150 Hz to 3 kHz.
    func envelope(_ samples: [Float]) -> [Double] {
      let size = 32_768
      let transform = RealFourierTransform(count: size)
      var powers = [Float](repeating: 0, count: size / 2 + 1)
      let middle = Array(samples[12_000..<12_000 + size]).enumerated().map {
        $1 * Float(0.5 - 0.5 * cos(2 * .pi * Double($0) / Double(size)))
      }
      transform.powers(of: middle, into: &powers)
      let bin = Self.rate / Double(size)
      return stride(from: 75.0, to: 3_000, by: 300).map { low in
        let sum = powers[Int(low / bin)..<Int((low + 300) / bin)].reduce(0, +)
        return 10 * log10(Double(sum) + 1e-12)
      }
    }
    // The same voice, singing the right note from the start.
    let (before, after) = (envelope(note(138.59, seconds: 2)), envelope(result))
    // What lies 30 dB under the strongest formant is not heard as one.
    let audible = (before.max() ?? 0) - 30
    for (a, b) in zip(before, after) where a > audible {
      #expect(abs(a - b) < 1.5, "\(before) \(after)")
    }
    #expect(abs(Signals.level(result) - Signals.level(samples)) < 0.5)
  }

  @Test func whatHasNoPitchKeepsItsBits() {
    let noise = Signals.noise(count: 30_000, level: 0.1)
    let samples = noise + note(450) + noise
    let result = tuned(samples)
    #expect(result != samples)
    #expect(result[..<29_000] == samples[..<29_000])
    #expect(result[(samples.count - 29_000)...] == samples[(samples.count - 29_000)...])
  }

  @Test func theGrainsOfAnUnchangedPitchAreTheSignal() {
    var samples = note(233.08)
    let original = samples
    samples.asTake { block in
      let track = PitchTrack(block, sampleRate: Self.rate)
      // Amount 0, but for one frame at the end of the run.
      var cents = [Float](repeating: 0, count: track.frequencies.count)
      cents[track.runs[0].upperBound - 1] = 1
      PitchShifter(track, PitchCorrection(cents: cents)).process(block)
    }
    let difference = Signals.level(zip(samples, original).map { $0 - $1 })
    #expect(difference < Signals.level(original) - 60)
  }

  @Test func vibratoStaysWithSlowRetuning() {
    func pitch(_ time: Double) -> Double { 450 * (1 + 0.01 * sin(2 * .pi * 5.5 * time)) }
    var samples = tuned(
      Signals.tone(rate: Int(Self.rate), seconds: 2, hertz: pitch), retune: 80)
    let track = samples.asTake { PitchTrack($0, sampleRate: Self.rate) }
    let values = track.frequencies[40..<360].map(Double.init)
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    #expect(cents(high, low) > 20)
    #expect(abs(cents((low + high) / 2, 440)) < 8)
  }

  @Test func bothChannelsAreMovedAlike() {
    let left = note(450)
    var stereo = left + left.map { -0.5 * $0 }
    let count = left.count
    stereo.withUnsafeMutableBufferPointer { samples in
      guard let base = samples.baseAddress else { return }
      let block = StereoBlock(left: base, right: base + count, frameCount: count)
      let track = PitchTrack(block, sampleRate: Self.rate)
      let correction = PitchCorrection(track, key: nil, amount: 1, retuneMilliseconds: 50)
      PitchShifter(track, correction).process(block)
    }
    #expect(stereo[..<count] != left[...])
    for i in 0..<count { #expect(abs(stereo[count + i] + 0.5 * stereo[i]) < 1e-5) }
  }
}
