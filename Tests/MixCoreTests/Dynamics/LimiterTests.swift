// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

/// The limiter on signals that are made to get past it.
@Suite struct LimiterTests {
  enum Signal: String, CaseIterable, Sendable {
    case impulses, squares, betweenSamples, nyquistBursts, noise, stepsAndSilence, chirp, oneSide

    func make(_ rate: Double) -> Stereo {
      let count = Int(rate * 1.5)
      var random = RandomNumbers(seed: 11)
      switch self {
      case .impulses:
        var samples = [Float](repeating: 0.01, count: count)
        for _ in 0..<200 {
          samples[Int.random(in: 0..<count, using: &random)] = Bool.random(using: &random) ? 8 : -8
        }
        return Stereo(both: samples)
      case .squares:
        return Stereo(count: count) { n in
          let period = [3.0, 7, 50, 441][4 * n / count]
          return (Double(n) / period).truncatingRemainder(dividingBy: 1) < 0.5 ? 2 : -2
        }
      case .betweenSamples:
        return Stereo(count: count) { 4 * sin(.pi / 2 * Double($0) + .pi / 4) }
      case .nyquistBursts:
        return Stereo(count: count) { n in
          n / 100 % 3 == 0 ? (n % 2 == 0 ? 3 : -3) : 0.02 * sin(Double(n))
        }
      case .noise: return .noise(count, seed: 12, amplitude: 10)
      case .stepsAndSilence:
        return Stereo(count: count) { n in n / 997 % 2 == 0 ? 0 : (n / 1994 % 2 == 0 ? 5 : -5) }
      case .chirp:
        return Stereo(count: count) { n in
          let t = Double(n) / Double(count)
          return 20 * t * sin(.pi * 0.48 * Double(n) * t)
        }
      case .oneSide:
        return Stereo(
          [Float](repeating: 0, count: count), random.noise(count, amplitude: 6))
      }
    }
  }

  func limiter(_ rate: Double, ceiling: Double = -1) -> TruePeakLimiter {
    let limiter = TruePeakLimiter(sampleRate: rate, maximumFrameCount: 512)
    var plan = Limiter()
    plan.ceilingDB = ceiling
    limiter.set(plan)
    limiter.finishMoving()
    return limiter
  }

  @Test(arguments: Signal.allCases, [8000.0, 44_100, 48_000, 192_000])
  func nothingExceedsTheCeiling(_ signal: Signal, _ rate: Double) {
    // Silence at the end, so that the last peaks leave the limiter.
    var input = signal.make(rate)
    input.left += [Float](repeating: 0, count: 1000)
    input.right += [Float](repeating: 0, count: 1000)
    let output = input.processed(512, limiter(rate).process)
    let ceiling = pow(10, -1.0 / 20)
    #expect(Double(output.peak) <= ceiling)
    let meter = TruePeakMeter(maximumFrameCount: 512)
    var copy = output
    copy.inBlocks(512, meter.process)
    meter.finish()
    #expect(meter.peakDB <= -1 + 0.05)
    #expect(meter.peakDB > -1.5)
    if rate < 96_000 {
      let reference = ReferenceMeter(channels: 2, sampleRate: rate)
      reference.add([output.left, output.right])
      #expect(20 * log10(reference.truePeak) <= -1 + 0.05)
    }
  }

  @Test func whatIsBelowTheCeilingComesOutLateWithItsBits() {
    let limiter = limiter(48_000)
    let noise = Stereo.noise(48_000, seed: 2, amplitude: 0.4)
    let output = noise.processed(100, limiter.process)
    let late = limiter.latencyFrames
    #expect(output.left[late...].elementsEqual(noise.left[..<(48_000 - late)]))
    #expect(output.left[..<late].allSatisfy { $0 == 0 })
    #expect(limiter.reductionDB == 0)
  }

  @Test func theGainComesBackWithTheRelease() {
    let rate = 48_000.0
    let limiter = limiter(rate, ceiling: -6.0206)
    // From loud to soft in a millisecond, without the overshoot that a step has between samples.
    func level(_ n: Int) -> Double {
      0.625 + 0.375 * cos(.pi * Double(min(max(n - 10_000, 0), 48)) / 48)
    }
    let input = Stereo(count: 48_000, level)
    let output = input.processed(512, limiter.process).left
    let start = 10_000 + limiter.latencyFrames
    let lowest = Double(output[start - 100])
    // The interpolator's gain for direct current is 1.015.
    #expect(abs(lowest - 0.5) < 0.01)
    for t in [0.05, 0.1, 0.3] {
      let gain = Double(output[start + 48 + Int(t * rate)]) / 0.25
      #expect(abs(gain - (1 - (1 - lowest) * exp(-t / 0.1))) < 0.005)
    }
  }

  @Test func blocksOfAnySizeGiveTheSameSamples() {
    let noise = Stereo.noise(5000, seed: 9, amplitude: 4)
    let reference = noise.processed(512, limiter(44_100).process)
    for size in [1, 7, 100] {
      #expect(largestDifference(noise.processed(size, limiter(44_100).process), reference) < 1e-6)
    }
  }
}
