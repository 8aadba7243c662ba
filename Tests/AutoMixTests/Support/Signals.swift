// SPDX-License-Identifier: MIT
import Audio
import Foundation

@testable import AutoMix

/// Signals that behave like stems, at 44.1 kHz.
enum Signals {
  static let rate = 44_100

  static func stereo(_ seconds: Double, _ value: (_ time: Double, _ frame: Int) -> Double)
    -> AudioBuffer
  {
    let count = Int(seconds * Double(rate))
    let samples = (0..<count).map { Float(value(Double($0) / Double(rate), $0)) }
    return AudioBuffer(channelCount: 2, frameCount: count, samples: samples + samples)
  }

  /// Noise, the same every time.
  static func noise(_ frame: Int, seed: UInt64 = 1) -> Double {
    var z = UInt64(frame) &* 0x9E37_79B9_7F4A_7C15 &+ seed &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ (z >> 31)) >> 11) / Double(1 << 53) * 2 - 1
  }

  /// Hits at 120 beats per minute.
  static func drums(_ seconds: Double = 5, gain: Double = 1) -> AudioBuffer {
    stereo(seconds) { time, frame in
      let phase = time.truncatingRemainder(dividingBy: 0.5)
      return gain * 0.5 * exp(-phase * 25) * noise(frame)
    }
  }

  static func bass(_ seconds: Double = 5, gain: Double = 1) -> AudioBuffer {
    stereo(seconds) { time, _ in
      let tone = sin(2 * .pi * 55 * time) + 0.4 * sin(2 * .pi * 110 * time)
      return gain * 0.3 * tone * (0.7 + 0.3 * sin(2 * .pi * 2 * time))
    }
  }

  /// Harmonics of 220 Hz in phrases.
  static func vocals(_ seconds: Double = 5, gain: Double = 1) -> AudioBuffer {
    stereo(seconds) { time, frame in
      let phrase = max(0, sin(2 * .pi * time / 3))
      var sum = 0.0
      for k in 1...12 {
        sum += sin(2 * .pi * 220 * Double(k) * time) / Double(k) * (k == 4 ? 2 : 1)
      }
      return gain * 0.1 * phrase * (sum + 0.05 * noise(frame, seed: 3))
    }
  }

  /// A chord that lasts.
  static func pad(_ seconds: Double = 5, gain: Double = 1) -> AudioBuffer {
    stereo(seconds) { time, _ in
      [262.0, 330, 392, 523].reduce(0) { $0 + gain * 0.08 * sin(2 * .pi * $1 * time) }
    }
  }

  static func analysis(_ name: String, _ buffer: AudioBuffer) throws -> StemAnalysis {
    try StemAnalysis(buffer, sampleRate: rate, name: name)
  }

  /// A band, each stem with a gain.
  static func band(_ gains: [String: Double] = [:]) throws -> AnalysedStems {
    AnalysedStems([
      try analysis("drums", drums(gain: gains["drums"] ?? 1)),
      try analysis("bass", bass(gain: gains["bass"] ?? 1)),
      try analysis("pad", pad(gain: gains["pad"] ?? 1)),
      try analysis("vocals", vocals(gain: gains["vocals"] ?? 1)),
    ])
  }
}
