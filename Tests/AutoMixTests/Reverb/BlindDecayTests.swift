// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore
import Testing

@testable import AutoMix

/// Reverberation times of singing in a room.
@Suite struct BlindDecayTests {
  private static let rate = 16_000

  /// Notes of 0.3 to 0.7 s that end within 40 ms, with pauses of 0.2 to 1.4 s.
  private static func phrases(_ seconds: Double, seed: UInt64) -> [Float] {
    let count = Int(seconds * Double(rate))
    var samples = [Float](repeating: 0, count: count)
    var (start, note) = (0, 0)
    while start < count {
      func chance(_ which: UInt64) -> Double { Signals.noise(note, seed: seed + which) / 2 + 0.5 }
      let length = Int((0.3 + 0.4 * chance(1)) * Double(rate))
      let pitch = 150 + 250 * chance(2)
      for frame in 0..<min(length, count - start) {
        let time = Double(frame) / Double(rate)
        let left = Double(length - frame) / Double(rate)
        let shape = min(1, time / 0.03) * min(1, left / 0.04)
        let phase = 2 * .pi * pitch * time + 0.3 * sin(2 * .pi * 5.5 * time)
        var sum = 0.0
        for k in 1...16 where Double(k) * pitch < 7000 {
          sum += sin(Double(k) * phase) / Double(k).squareRoot()
        }
        samples[start + frame] = Float(
          0.1 * shape * (sum + 0.2 * Signals.noise(start + frame, seed: seed + 7)))
      }
      start += length + Int((0.2 + 1.2 * chance(3)) * Double(rate))
      note += 1
    }
    return samples
  }

  /// The phrases, and as much again of a room.
  static func reverberant(_ dry: [Float], _ time: Double) -> AudioBuffer {
    let room = Responses.noise(time, seconds: 1.1 * time, seed: 5, rate: rate)
    let response = Array(room[channel: 0])
    let energy = response.reduce(Float(0)) { $0 + $1 * $1 }
    let gain = 1 / energy.squareRoot()
    var wet = [Float](repeating: 0, count: dry.count + response.count)
    wet.withUnsafeMutableBufferPointer { wet in
      response.withUnsafeBufferPointer { response in
        for (frame, sample) in dry.enumerated() {
          wet[frame] += sample
          if sample == 0 { continue }
          let scaled = sample * gain
          for tap in 0..<response.count { wet[frame + tap] += scaled * response[tap] }
        }
      }
    }
    return AudioBuffer(channelCount: 1, frameCount: wet.count, samples: wet)
  }

  @Test func theTimeOfARoomIsGuessedFromPhrases() throws {
    var errors: [Double] = []
    for (index, time) in [0.3, 0.5, 0.8, 1.2, 2, 3].enumerated() {
      for seed in [UInt64(20), 60] {
        let dry = Self.phrases(15, seed: seed + UInt64(index))
        let estimate = try #require(
          BlindDecayEstimate(Self.reverberant(dry, time), sampleRate: Self.rate))
        errors.append(abs(estimate.seconds / time - 1))
      }
    }
    let mean = errors.reduce(0, +) / Double(errors.count)
    #expect(mean < 0.15)
    #expect((errors.max() ?? 1) < 0.4)
  }

  @Test func withoutDecaysThereIsNoGuess() {
    let steady = Responses.noise(1e6, seconds: 5, rate: Self.rate)
    #expect(BlindDecayEstimate(steady, sampleRate: Self.rate) == nil)
    let silence = AudioBuffer(channelCount: 1, frameCount: 50_000)
    #expect(BlindDecayEstimate(silence, sampleRate: Self.rate) == nil)
    #expect(
      BlindDecayEstimate(AudioBuffer(channelCount: 2, frameCount: 0), sampleRate: 8000) == nil)
  }
}
