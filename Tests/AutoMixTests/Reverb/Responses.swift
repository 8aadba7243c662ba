// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore

@testable import AutoMix

/// Responses of rooms that are known.
enum Responses {
  static let rate = 44_100

  /// Noise of even chance that decays exponentially, different left and right.
  static func noise(
    _ rt60: Double, seconds: Double, noiseDB: Double? = nil, seed: UInt64 = 1, rate: Int = rate
  ) -> AudioBuffer {
    let count = Int(seconds * Double(rate))
    let floor = noiseDB.map { pow(10, $0 / 20) } ?? 0
    var samples: [Float] = []
    for channel in 0..<2 {
      for frame in 0..<count {
        let decay = pow(10, -3 * Double(frame) / Double(rate) / rt60)
        let seed = seed + UInt64(channel)
        samples.append(
          Float(
            0.5 * decay * Signals.noise(frame, seed: seed)
              + 0.5 * floor * Signals.noise(frame, seed: seed + 100)))
      }
    }
    return AudioBuffer(channelCount: 2, frameCount: count, samples: samples)
  }

  /// Noise whose octaves decay in times of their own, 125 Hz to 8 kHz: nothing of our reverb is in it.
  static func octaves(_ times: [Double], seconds: Double, preDelay: Double = 0) -> AudioBuffer {
    let count = Int(seconds * Double(rate))
    let delay = Int(preDelay * Double(rate))
    var sum = AudioBuffer(channelCount: 2, frameCount: count)
    for (index, time) in times.enumerated() {
      let centre = 125 * pow(2, Double(index))
      var band = noise(1e6, seconds: seconds, seed: UInt64(10 * index + 1))
      let filter = FilterCascade(capacity: 4, sampleRate: Double(rate))
      let root = 2.0.squareRoot()
      filter.set(
        PassFilter(frequencyHz: centre / root, slope: .decibels24)
          .highPassSections(sampleRate: Double(rate))
          + PassFilter(frequencyHz: centre * root, slope: .decibels24)
          .lowPassSections(sampleRate: Double(rate)))
      filter.finishMoving()
      band.withStereoBlock { filter.process($0) }
      for channel in 0..<2 {
        for frame in delay..<count {
          let decay = pow(10, -3 * Double(frame - delay) / Double(rate) / time)
          sum.samples[channel * count + frame] +=
            band.samples[channel * count + frame] * Float(decay)
        }
      }
    }
    return sum
  }

  /// What our reverb answers.
  static func own(_ room: Reverb, seconds: Double) -> AudioBuffer {
    ReverbTarget.render(room, sampleRate: rate, frameCount: Int(seconds * Double(rate)))
  }
}
