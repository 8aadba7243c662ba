// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

/// Level, crest, correlation and width of signals whose values are known.
@Suite struct StereoMeterTests {
  func measure(_ signal: Stereo) -> StereoMeter {
    let meter = StereoMeter(sampleRate: 48_000)
    var signal = signal
    signal.inBlocks(333, meter.process)
    return meter
  }

  @Test func aSineHasACrestOfThreeDecibels() {
    let meter = measure(.sine(1000, amplitude: 0.5, seconds: 1, sampleRate: 48_000))
    #expect(abs(meter.crestDB - 3.0103) < 1e-4)
    #expect(abs(meter.peakDB + 6.0206) < 1e-4)
    #expect(abs(meter.correlation - 1) < 1e-9 && meter.width < 1e-9 && abs(meter.balance) < 1e-9)
  }

  @Test func unrelatedAndInvertedChannelsAreTold() {
    let noise = Stereo.noise(200_000, seed: 1)
    let wide = measure(noise)
    #expect(abs(wide.correlation) < 0.01 && abs(wide.width - 1) < 0.02)
    #expect(abs(wide.recentCorrelation) < 0.05)
    let inverted = measure(Stereo(noise.left, noise.left.map { -$0 }))
    #expect(abs(inverted.correlation + 1) < 1e-9 && inverted.width == .infinity)
    let left = measure(Stereo(noise.left, noise.left.map { _ in 0 }))
    #expect(left.balance == -1 && left.correlation == 0 && abs(left.width - 1) < 1e-9)
  }

  @Test func silenceIsNothing() {
    let meter = measure(Stereo(count: 100) { _ in 0 })
    #expect(meter.rmsDB == -.infinity && meter.crestDB == 0 && meter.correlation == 0)
    #expect(meter.width == 0 && meter.balance == 0)
  }
}
