// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore
import Testing

@testable import AutoMix

/// Reverberation times of impulse responses.
@Suite struct DecayMeasurementTests {
  @Test(arguments: [0.2, 0.5, 1, 2, 4])
  func noiseThatDecaysHasItsTime(_ time: Double) throws {
    let response = Responses.noise(time, seconds: 1.3 * time)
    let measured = DecayMeasurement(response, sampleRate: Responses.rate)
    let broadband = try #require(measured.broadband)
    #expect(abs(broadband.seconds / time - 1) < 0.05)
    #expect(broadband.rangeDB == 30)
    for band in measured.octaves where band.centreHz >= 500 {
      let seconds = try #require(band.time).seconds
      #expect(abs(seconds / time - 1) < 0.1, "\(band.centreHz) Hz: \(seconds)")
    }
    #expect(abs((measured.mid ?? 0) / time - 1) < 0.05)
  }

  @Test(arguments: [(-40.0, 20), (-60.0, 30)])
  func noiseUnderTheDecayDoesNotCount(_ noise: (db: Double, range: Int)) throws {
    let response = Responses.noise(1, seconds: 2.5, noiseDB: noise.db)
    let broadband = try #require(
      DecayMeasurement(response, sampleRate: Responses.rate).broadband)
    #expect(abs(broadband.seconds - 1) < 0.06)
    #expect(broadband.rangeDB == noise.range)
  }

  @Test func aResponseThatIsCutOffIsCompleted() throws {
    // 40 dB of the decay are there.
    let response = Responses.noise(3, seconds: 2)
    let time = try #require(DecayMeasurement(response, sampleRate: Responses.rate).broadband)
    #expect(abs(time.seconds / 3 - 1) < 0.06)
  }

  @Test func whatDoesNotDecayHasNoTime() {
    let noise = Responses.noise(1e6, seconds: 1)
    #expect(DecayMeasurement(noise, sampleRate: Responses.rate).broadband == nil)
    let silence = AudioBuffer(channelCount: 2, frameCount: 10_000)
    #expect(DecayMeasurement(silence, sampleRate: Responses.rate).broadband == nil)
    let short = AudioBuffer(channelCount: 1, frameCount: 3)
    #expect(DecayMeasurement(short, sampleRate: 8000).octaves.allSatisfy { $0.time == nil })
  }

  @Test func everyOctaveHasATimeOfItsOwn() throws {
    // Neighbours reach into each other's octaves, so that times must not differ much from one to the next.
    let times = [1.9, 1.75, 1.6, 1.45, 1.3, 1.15, 1]
    let response = Responses.octaves(times, seconds: 2.4)
    let measured = DecayMeasurement(response, sampleRate: Responses.rate)
    for (band, time) in zip(measured.octaves.dropFirst(), times) {
      let seconds = try #require(band.time).seconds
      #expect(abs(seconds / time - 1) < 0.12, "\(band.centreHz) Hz: \(seconds) for \(time)")
    }
  }
}
