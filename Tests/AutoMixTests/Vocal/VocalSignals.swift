// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore

@testable import AutoMix

/// A singer and a band, and what a plan makes of them.
enum VocalSignals {
  static let rate = Signals.rate
  static let standardSinger = singer()
  static let standardBand = band()

  /// Syllables of 300 ms whose levels range over so many dB, in phrases of 4 s with pauses of 1 s.
  static func singer(
    _ seconds: Double = 20, rangeDB: Double = 24, gain: Double = 1, vowelHz: Double = 800
  ) -> AudioBuffer {
    Signals.stereo(seconds) { time, frame in
      guard time.truncatingRemainder(dividingBy: 5) < 4 else { return 0 }
      let syllable = Int(time / 0.3)
      let within = time.truncatingRemainder(dividingBy: 0.3)
      let rise = min(1, within / 0.02) * min(1, (0.3 - within) / 0.05)
      let level = (Signals.noise(syllable, seed: 9) - 1) / 2 * rangeDB
      let pitch = 180.0 + Double(syllable % 5) * 20
      var sum = 0.0
      for k in 1...20 {
        let frequency = pitch * Double(k)
        let shape = 1 / (1 + pow((frequency - vowelHz) / 500, 2)) + 0.03
        sum += shape * sin(2 * .pi * frequency * time)
      }
      return gain * 0.25 * rise * pow(10, level / 20) * sum
    }
  }

  /// Hits at 100 beats per minute, a bass, and bright chords.
  static func band(_ seconds: Double = 20, gain: Double = 1) -> AudioBuffer {
    var state = 0.0
    return Signals.stereo(seconds) { time, frame in
      let phase = time.truncatingRemainder(dividingBy: 0.6)
      let white = Signals.noise(frame, seed: 4)
      state += 0.3 * (white - state)
      let hit = 0.3 * exp(-phase * 30) * white
      let bass = 0.2 * sin(2 * .pi * 55 * time)
      let chord = [262.0, 330, 392, 2093, 2637].reduce(0) { $0 + 0.05 * sin(2 * .pi * $1 * time) }
      return gain * (hit + bass + chord + 0.1 * (white - state))
    }
  }

  static func mix(
    vocal: AudioBuffer = standardSinger, backing: AudioBuffer = standardBand,
    guide: AudioBuffer? = nil
  ) throws -> VocalMix {
    try VocalMix(vocal: vocal, backing: backing, guide: guide, sampleRate: rate)
  }

  /// What each track gives out, in an engine of the test's own.
  static func render(_ plan: MixPlan, _ stems: [AudioBuffer]) throws -> [AudioBuffer] {
    let block = 512
    let engine = try MixEngine(
      plan: plan, sampleRate: Double(rate), maximumFrameCount: block, endsBeforeLoudness: true)
    let length = stems.map(\.frameCount).max() ?? 0
    var parts = [[AudioBuffer]](repeating: [], count: stems.count)
    for start in stride(from: 0, to: length, by: block) {
      let count = min(block, length - start)
      for (track, stem) in stems.enumerated() {
        let input = engine.input(track)
        for i in 0..<count {
          let isThere = start + i < stem.frameCount
          input.left[i] = isThere ? stem.samples[start + i] : 0
          input.right[i] = isThere ? stem.samples[stem.frameCount + start + i] : 0
        }
      }
      engine.process(frameCount: count)
      for track in stems.indices {
        parts[track].append(AudioBuffer(engine.track(track).slice(from: 0, count: count)))
      }
    }
    return parts.map { AudioBuffer.joining($0, channelCount: 2) }
  }

  static func meter(_ buffer: AudioBuffer) -> LoudnessMeter {
    let meter = LoudnessMeter(sampleRate: Double(rate))
    var buffer = buffer
    buffer.withStereoBlock { meter.process($0) }
    return meter
  }
}
