// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

/// The room's answer to an impulse.
@Suite struct ReverbTests {
  func plan(_ low: Double, _ mid: Double, _ high: Double) -> Reverb {
    var plan = Reverb()
    (plan.decayLowSeconds, plan.decayMidSeconds, plan.decayHighSeconds) = (low, mid, high)
    plan.preDelayMilliseconds = 0
    plan.earlyDB = -96
    return plan
  }

  func response(_ plan: Reverb, seconds: Double, rate: Double, left: Bool = true) -> Stereo {
    let reverb = StereoReverb(sampleRate: rate, maximumFrameCount: 512)
    reverb.set(plan)
    reverb.finishMoving()
    var impulse = [Float](repeating: 0, count: Int(seconds * rate))
    let silence = impulse
    impulse[0] = 1
    let input = left ? Stereo(impulse, silence) : Stereo(silence, impulse)
    return input.processed(512, reverb.process)
  }

  /// The reverberation time from the decay between -5 and -35 dB (ISO 3382 T30) in the octave around a
  /// frequency, by Schroeder's backward integration, over both sources and both ears.
  func t30(_ responses: [Stereo], around frequency: Double, rate: Double) -> Double {
    let root = 2.0.squareRoot()
    let filter = FilterCascade(capacity: 4, sampleRate: rate)
    filter.set(
      PassFilter(frequencyHz: frequency / root, slope: .decibels24)
        .highPassSections(sampleRate: rate)
        + PassFilter(frequencyHz: frequency * root, slope: .decibels24)
        .lowPassSections(sampleRate: rate))
    filter.finishMoving()
    let bands = responses.map {
      filter.reset()
      return $0.processed(512, filter.process)
    }
    var energies = [Double](repeating: 0, count: bands[0].count)
    var sum = 0.0
    for n in energies.indices.reversed() {
      for band in bands {
        sum += Double(band.left[n]) * Double(band.left[n])
        sum += Double(band.right[n]) * Double(band.right[n])
      }
      energies[n] = sum
    }
    let decay = energies.map { 10 * log10(max($0, 1e-30) / sum) }
    let first = decay.firstIndex { $0 < -5 } ?? 0
    let last = decay.firstIndex { $0 < -35 } ?? decay.count
    // Least squares of the level over time.
    let count = Double(last - first)
    let meanTime = Double(first + last - 1) / 2
    let meanLevel = decay[first..<last].reduce(0, +) / count
    var (numerator, denominator) = (0.0, 0.0)
    for n in first..<last {
      numerator += (Double(n) - meanTime) * (decay[n] - meanLevel)
      denominator += (Double(n) - meanTime) * (Double(n) - meanTime)
    }
    return -60 / (numerator / denominator) / rate
  }

  @Test(arguments: [
    (0.2, 0.2, 0.2), (0.3, 0.3, 0.3), (0.5, 0.5, 0.5), (0.7, 0.7, 0.7), (1, 1, 1), (2, 2, 2),
    (4, 4, 4), (8, 8, 8),
    (0.4, 0.3, 0.2), (2, 1.5, 1), (3, 2, 1), (8, 5, 3), (1, 2, 1.5),
  ])
  func everyBandDecaysInItsTime(_ times: (Double, Double, Double)) {
    let rate = 48_000.0
    let longest = max(times.0, max(times.1, times.2))
    var plan = plan(times.0, times.1, times.2)
    // Two octaves from the crossovers, and bands wide enough to have a decay of 0.2 s (ISO 3382: width
    // times reverberation time above 16).
    plan.crossoverLowHz = 500
    let responses = [true, false].map {
      response(plan, seconds: 1.1 * longest + 0.3, rate: rate, left: $0)
    }
    for (frequency, expected) in [(125.0, times.0), (1400, times.1), (12_000, times.2)] {
      let measured = t30(responses, around: frequency, rate: rate)
      #expect(
        abs(measured / expected - 1) < 0.05, "\(frequency) Hz: \(measured) s for \(expected) s")
    }
  }

  @Test(arguments: [8000.0, 44_100, 192_000])
  func theDecayIsTheSameAtEveryRate(_ rate: Double) {
    let responses = [true, false].map {
      response(plan(1.5, 1.5, 1.5), seconds: 2, rate: rate, left: $0)
    }
    for frequency in [250.0, 500, 1000, 2000] {
      let measured = t30(responses, around: frequency, rate: rate)
      #expect(abs(measured / 1.5 - 1) < 0.05, "\(frequency) Hz: \(measured) s")
    }
  }

  /// The normalised echo density (Abel and Huang 2006): the share of samples beyond one standard deviation
  /// in windows of 20 ms, over that of Gaussian noise.
  func echoDensity(_ samples: [Float], at seconds: Double, rate: Double) -> Double {
    let start = Int(seconds * rate)
    let window = samples[start..<start + Int(0.02 * rate)].map(Double.init)
    let deviation = (window.reduce(0) { $0 + $1 * $1 } / Double(window.count)).squareRoot()
    let beyond = window.count { abs($0) > deviation }
    return Double(beyond) / Double(window.count) / 0.3173
  }

  @Test(arguments: [0.5, 2.0, 8])
  func theEchoesBecomeNoiseWithinATenthOfASecond(_ time: Double) {
    let rate = 48_000.0
    let response = response(plan(time, time, time), seconds: 1, rate: rate)
    let onset = response.left.firstIndex { $0 != 0 } ?? 0
    let begin = Double(onset) / rate
    #expect(begin < 0.03)
    let early =
      stride(from: begin, to: begin + 0.08, by: 0.005)
      .map { echoDensity(response.left, at: $0, rate: rate) }.max() ?? 0
    #expect(early >= 1)
    // And stays there: no few modes stand out.
    let late = stride(from: begin + 0.08, to: 0.4, by: 0.02)
      .map { echoDensity(response.left, at: $0, rate: rate) }
    #expect(late.reduce(0, +) / Double(late.count) > 0.9)
  }

  @Test func theChannelsAreUnrelatedAndWidthZeroIsMono() {
    let rate = 48_000.0
    var wide = response(plan(1, 1, 1), seconds: 1, rate: rate)
    let meter = StereoMeter(sampleRate: rate)
    wide.inBlocks(512, meter.process)
    #expect(abs(meter.correlation) < 0.15)
    var narrow = plan(1, 1, 1)
    narrow.width = 0
    let mono = response(narrow, seconds: 0.5, rate: rate)
    #expect(largestDifference(mono.left, mono.right) < 1e-7)
  }

  @Test(arguments: [0.3, 1.5, 8])
  func thePowerOfTheRoomDoesNotDependOnItsTime(_ time: Double) {
    for left in [true, false] {
      let response = response(
        plan(time, time, time), seconds: 1.2 * time + 0.3, rate: 24_000, left: left)
      let power = (response.left + response.right).reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(abs(10 * log10(power)) < 1.5)
    }
  }

  @Test func preDelayAndEarlyReflectionsComeWhenTheyShould() {
    let rate = 48_000.0
    var plan = plan(1, 1, 1)
    plan.preDelayMilliseconds = 100
    plan.earlyDB = 0
    let response = response(plan, seconds: 0.5, rate: rate)
    let first = response.left.firstIndex { $0 != 0 } ?? 0
    #expect(abs(Double(first) / rate - 0.1043) < 0.0002)
    #expect(response.right.firstIndex { $0 != 0 } ?? 0 > first)
  }

  @Test func changesDoNotClickAndTheTailEndsInSilence() {
    let rate = 48_000.0
    let reverb = StereoReverb(sampleRate: rate, maximumFrameCount: 480)
    reverb.set(plan(8, 8, 8))
    reverb.finishMoving()
    var frame = 0
    let output = Stereo.sine(300, amplitude: 0.3, seconds: 2, sampleRate: rate).processed(480) {
      if frame == 48_000 {
        var other = plan(0.3, 0.4, 0.2)
        other.preDelayMilliseconds = 120
        other.earlyDB = -3
        reverb.set(other)
      }
      frame += $0.frameCount
      reverb.process($0)
    }
    let filter = FilterCascade(capacity: 2, sampleRate: rate)
    filter.set(
      PassFilter(frequencyHz: 4000, slope: .decibels24).highPassSections(sampleRate: rate))
    filter.finishMoving()
    let rest = output.processed(512, filter.process)
    #expect(levelDB(rest.left[47_000..<60_000]) < -75)
    var silence = Stereo(count: 96_000 * 2) { _ in 0 }
    silence.inBlocks(480, reverb.process)
    #expect(silence.left.suffix(1000).allSatisfy { $0 == 0 })
    #expect(output.isFinite && output.peak < 3)
  }

  @Test func blocksOfAnySizeGiveTheSameSamples() {
    func render(_ size: Int) -> Stereo {
      let reverb = StereoReverb(sampleRate: 44_100, maximumFrameCount: 512)
      reverb.set(Reverb())
      reverb.finishMoving()
      return Stereo.noise(5000, seed: 3).processed(size, reverb.process)
    }
    let reference = render(512)
    for size in [1, 64, 77] { #expect(largestDifference(render(size), reference) < 1e-6) }
  }
}
