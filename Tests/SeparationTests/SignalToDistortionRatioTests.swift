// SPDX-License-Identifier: MIT
import Audio
import Testing

@testable import Separation

@Suite struct SignalToDistortionRatioTests {
  struct Case: Decodable {
    var amount: Float
    var museval: [Double]
    var numpy: [Double]
  }

  @Test func theRatioIsThatOfMusevalAndNumPy() throws {
    let cases: [Case] = try Fixture.decode("signal-to-distortion.json")
    #expect(cases.count == 4)
    for expected in cases {
      for source in 0..<2 {
        let reference = noise(channelCount: 2, frameCount: 9000, seed: UInt64(1 + source))
        let error = noise(channelCount: 2, frameCount: 9000, seed: UInt64(3 + source))
        let estimate = AudioBuffer(
          channelCount: 2, frameCount: 9000,
          samples: zip(reference.samples, error.samples).map { $0 + expected.amount * $1 })
        let ratio = signalToDistortionRatio(estimate: estimate, reference: reference)
        #expect(abs(ratio - expected.numpy[source]) < 1e-4)
        // museval leaves 1e-7 out.
        #expect(abs(ratio - expected.museval[source]) < 1e-3)
      }
    }
  }

  @Test func silenceHasARatio() {
    let silence = AudioBuffer(channelCount: 2, frameCount: 100)
    #expect(signalToDistortionRatio(estimate: silence, reference: silence) == 0)
  }

  @Test func blocksMeasureLikeTheWhole() {
    let reference = noise(channelCount: 2, frameCount: 1000, seed: 1)
    let estimate = noise(channelCount: 2, frameCount: 1000, seed: 2)
    var meter = SignalToDistortionMeter()
    for range in [0..<10, 10..<700, 700..<1000] {
      meter.add(estimate: estimate.frames(range), reference: reference.frames(range))
    }
    let whole = signalToDistortionRatio(estimate: estimate, reference: reference)
    #expect(abs(meter.decibels - whole) < 1e-9)
  }
}
