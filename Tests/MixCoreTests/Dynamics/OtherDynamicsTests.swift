// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

/// Gate, de-esser and saturation.
@Suite struct OtherDynamicsTests {
  @Test func theGateExpandsDownwardByItsRatioWithinItsRange() {
    for level in stride(from: -80.0, through: -10, by: 5) {
      let gate = StereoGate(sampleRate: 8000, maximumFrameCount: 512)
      var plan = Gate()
      plan.thresholdDB = -40
      plan.ratio = 2
      plan.rangeDB = 25
      plan.holdMilliseconds = 0
      plan.releaseMilliseconds = 10
      gate.set(plan)
      let result = Stereo(count: 8000) { _ in pow(10, level / 20) }.processed(512, gate.process)
      let expected = level - min(25, max(0, -40 - level))
      #expect(abs(20 * log10(Double(result.left[7999])) - expected) < 1e-3)
    }
  }

  @Test func theGateHoldsAndOpensInItsTime() {
    let rate = 48_000.0
    let gate = StereoGate(sampleRate: rate, maximumFrameCount: 512)
    var plan = Gate()
    plan.thresholdDB = -30
    plan.rangeDB = 60
    plan.ratio = 100
    plan.attackMilliseconds = 5
    plan.holdMilliseconds = 100
    plan.releaseMilliseconds = 50
    gate.set(plan)
    let input = Stereo(count: 96_000) { $0 < 24_000 || $0 >= 72_000 ? 0.5 : 0.001 }
    let result = input.processed(512, gate.process).left
    func gain(_ frame: Int) -> Double { 20 * log10(Double(result[frame] / input.left[frame])) }
    #expect(gain(20_000) == 0)
    // The peak detector falls by 24 dB in 27.6 ms, then the gate holds for 100 ms.
    #expect(gain(24_000 + Int(0.125 * rate)) == 0)
    #expect(gain(24_000 + Int(0.145 * rate)) < -5)
    let closed = gain(71_999)
    #expect(abs(closed + 60) < 0.5)
    let opened = (72_000..<96_000).first { gain($0) > closed * exp(-1) } ?? 0
    #expect(abs(Double(opened - 72_000) / rate - 0.005) < 0.0002)
  }

  @Test func theDeEsserTurnsDownSibilantsOnly() {
    let rate = 48_000.0
    let deEsser = StereoDeEsser(sampleRate: rate, maximumFrameCount: 512)
    var plan = DeEsser()
    plan.thresholdDB = -30
    plan.rangeDB = 8
    deEsser.set(plan)
    let vowel = Stereo.sine(400, amplitude: 0.5, seconds: 0.5, sampleRate: rate)
    let kept = vowel.processed(512, deEsser.process)
    #expect(abs(levelDB(kept.left) - levelDB(vowel.left)) < 0.01)
    let sibilant = Stereo.sine(14_000, amplitude: 0.5, seconds: 0.5, sampleRate: rate)
    let softened = sibilant.processed(512, deEsser.process)
    let change = levelDB(softened.left.suffix(9600)) - levelDB(sibilant.left.suffix(9600))
    #expect(abs(change + 8) < 0.3)
  }

  @Test func theSaturatorFollowsItsCurveAndLeavesSoftSignalsAlone() {
    let saturator = StereoSaturator(sampleRate: 48_000)
    var plan = Saturation()
    plan.driveDB = 12
    saturator.set(plan)
    saturator.finishMoving()
    let d = pow(10, 12.0 / 20)
    for x in [-0.9, -0.1, 0.3, 1.0] {
      saturator.reset()
      let result = Stereo(count: 100) { _ in x }.processed(10, saturator.process)
      #expect(abs(Double(result.left[99]) - x / sqrt(1 + d * d * x * x)) < 1e-6)
    }
    saturator.reset()
    let soft = Stereo.noise(1000, seed: 3, amplitude: 1e-4)
    #expect(largestDifference(soft.processed(64, saturator.process), soft) < 1e-10)
  }

  @Test func theSaturatorAliasesLessThanThePlainCurve() {
    // 9 kHz at 48 kHz: the third harmonic, 27 kHz, comes back at 21 kHz, the fifth at 3 kHz.
    let rate = 48_000.0
    let sine = Stereo.sine(9000, amplitude: 0.5, seconds: 1, sampleRate: rate)
    let saturator = StereoSaturator(sampleRate: rate)
    var plan = Saturation()
    plan.driveDB = 18
    saturator.set(plan)
    saturator.finishMoving()
    let d = pow(10, 18.0 / 20)
    let plain = sine.left.map { Float(Double($0) / sqrt(1 + d * d * Double($0) * Double($0))) }
    func alias(_ samples: [Float]) -> Double {
      var real = 0.0
      var imaginary = 0.0
      for (n, x) in samples.enumerated() {
        real += Double(x) * cos(2 * .pi * 3000 * Double(n) / rate)
        imaginary += Double(x) * sin(2 * .pi * 3000 * Double(n) / rate)
      }
      return 10 * log10(real * real + imaginary * imaginary)
    }
    #expect(alias(sine.processed(512, saturator.process).left) < alias(plain) - 10)
  }
}
