// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore

/// Signals that behave like takes and their backings.
enum Signals {
  /// Noise, the same every time, from -1 to 1.
  static func noise(_ frame: Int, seed: UInt64 = 1) -> Double {
    var z = UInt64(frame) &* 0x9E37_79B9_7F4A_7C15 &+ seed &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ (z >> 31)) >> 11) / Double(1 << 53) * 2 - 1
  }

  static func noise(count: Int, level: Double, seed: UInt64 = 1) -> [Float] {
    (0..<count).map { Float(level * noise($0, seed: seed)) }
  }

  /// A tone of partials with a formant at 600 and one at 1800 Hz; `hertz` may move.
  static func tone(
    rate: Int, seconds: Double, partials: Int = 20, hertz: (_ time: Double) -> Double
  ) -> [Float] {
    var phase = 0.0
    return (0..<Int(seconds * Double(rate))).map { frame in
      let frequency = hertz(Double(frame) / Double(rate))
      phase += frequency / Double(rate)
      var value = 0.0
      for k in 1...partials where frequency * Double(k) < 0.45 * Double(rate) {
        let f = frequency * Double(k)
        let gain =
          1 / (1 + pow((f - 600) / 150, 2)) + 0.5 / (1 + pow((f - 1_800) / 200, 2)) + 0.02
        value += gain * sin(2 * .pi * phase * Double(k))
      }
      return Float(0.15 * value)
    }
  }

  /// Notes of a melody at beats of 0.25 s, with rests; which notes and rests is by the seed.
  static func onsets(seconds: Double, seed: UInt64) -> [(time: Double, note: Int)] {
    var onsets: [(time: Double, note: Int)] = []
    for (index, time) in stride(from: 0.0, to: seconds, by: 0.25).enumerated()
    where noise(index, seed: seed) > -0.1 {
      onsets.append((time: time, note: Int(abs(noise(index, seed: seed + 50)) * 12)))
    }
    return onsets
  }

  /// A backing: drums and plucked notes on some beats.
  static func backing(rate: Int, seconds: Double, seed: UInt64 = 7) -> [Float] {
    var samples = [Float](repeating: 0, count: Int(seconds * Double(rate)))
    for (index, onset) in onsets(seconds: seconds, seed: seed).enumerated() {
      let start = Int(onset.time * Double(rate))
      let frequency = 110 * pow(2, Double(onset.note) / 12)
      let isDrum = noise(index, seed: seed + 9) > 0
      for i in 0..<min(samples.count - start, Int(0.6 * Double(rate))) {
        let time = Double(i) / Double(rate)
        var value = 0.0
        for k in 1...6 { value += sin(2 * .pi * frequency * Double(k) * time) / Double(k) }
        value *= 0.15 * exp(-time * 7)
        if isDrum { value += 0.3 * exp(-time * 40) * noise(start + i, seed: seed) }
        samples[start + i] += Float(value)
      }
    }
    return samples
  }

  /// A voice that sings phrases of notes, each beginning at one of the onsets, with pauses of a second.
  static func voice(
    rate: Int, seconds: Double, onsets: [(time: Double, note: Int)], seed: UInt64 = 3
  ) -> [Float] {
    var samples = [Float](repeating: 0, count: Int(seconds * Double(rate)))
    for (index, onset) in onsets.enumerated() {
      // Pauses: every third second.
      guard Int(onset.time) % 3 != 2 else { continue }
      let next = index + 1 < onsets.count ? onsets[index + 1].time : onset.time + 0.25
      let length = min(next - onset.time, 0.5)
      let frequency = 220 * pow(2, Double(onset.note) / 12)
      let note = tone(rate: rate, seconds: length) { time in
        frequency * (1 + 0.005 * sin(2 * .pi * 5.5 * time))
      }
      let start = Int(onset.time * Double(rate))
      for (i, value) in note.enumerated() where start + i < samples.count {
        let time = Double(i) / Double(rate)
        let envelope = min(1, time / 0.004) * min(1, (length - time) / 0.03)
        samples[start + i] += value * Float(max(0, envelope))
      }
    }
    return samples
  }

  /// What a loudspeaker and a room make of a signal: three echoes and a low-pass filter.
  static func room(_ samples: [Float], rate: Int, gain: Float) -> [Float] {
    var output = [Float](repeating: 0, count: samples.count)
    for (delay, share) in [(0.002, 1.0), (0.011, 0.5), (0.023, -0.3), (0.041, 0.2)] {
      let shift = Int(delay * Double(rate))
      for i in shift..<samples.count { output[i] += gain * Float(share) * samples[i - shift] }
    }
    var state: Float = 0
    for i in output.indices {
      state += 0.6 * (output[i] - state)
      output[i] = state
    }
    return output
  }

  /// The samples `seconds` later.
  static func delayed(_ samples: [Float], by seconds: Double, rate: Int) -> [Float] {
    let shift = Int((seconds * Double(rate)).rounded())
    return shift >= 0
      ? [Float](repeating: 0, count: shift) + samples : Array(samples.dropFirst(-shift))
  }

  /// The tone of the fixtures.
  static func fixtureTone(
    hertz: Double, octavesPerSecond g: Double, partials: Int, slope: Double, noise level: Double
  ) -> [Float] {
    let rate = 22_050.0
    return (0..<66_150).map { frame in
      let t = Double(frame) / rate
      let phase = hertz * (g == 0 ? t : (pow(2, g * t) - 1) / (g * log(2)))
      var value = 0.0
      for k in 1...partials { value += sin(2 * .pi * Double(k) * phase) / pow(Double(k), slope) }
      let isOn = t.truncatingRemainder(dividingBy: 1) < 0.5
      return Float(0.2 * value * (isOn ? 1 : 0) + level * noise(frame))
    }
  }

  static func sum(_ parts: [Float]...) -> [Float] {
    let count = parts.map(\.count).min() ?? 0
    return (0..<count).map { i in parts.reduce(0) { $0 + $1[i] } }
  }

  /// The root of the mean square in dB.
  static func level<S: Sequence>(_ samples: S) -> Double where S.Element == Float {
    var (sum, count) = (0.0, 0)
    for x in samples {
      sum += Double(x) * Double(x)
      count += 1
    }
    return 10 * log10(max(sum / Double(max(1, count)), 1e-30))
  }
}

extension Array where Element == Float {
  /// Shows the samples as a take of one channel.
  mutating func asTake<Result>(_ body: (StereoBlock) -> Result) -> Result {
    let count = self.count
    return withUnsafeMutableBufferPointer { samples in
      guard let base = samples.baseAddress else { preconditionFailure("a take has samples") }
      return body(StereoBlock(left: base, right: base, frameCount: count))
    }
  }

  /// The onset envelope of mono at 22,050 Hz.
  var onsetEnvelope: OnsetEnvelope {
    let extractor = OnsetEnvelopeExtractor()
    withUnsafeBufferPointer(extractor.process)
    return extractor.finish()
  }
}

/// A folder that goes with it.
final class Workplace {
  let folder = FileManager.default.temporaryDirectory
    .appending(path: "take-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func path(_ name: String) -> String { folder.appending(path: name).path }

  @discardableResult
  func write(_ name: String, rate: Int, _ channels: [Float]...) throws -> String {
    let writer = try AudioWriter(
      path: path(name), format: .wavFloat32, sampleRate: rate, channelCount: channels.count)
    try writer.write(
      AudioBuffer(
        channelCount: channels.count, frameCount: channels[0].count,
        samples: channels.flatMap { $0 }))
    try writer.finish()
    return path(name)
  }

  func read(_ name: String) throws -> (left: [Float], right: [Float], rate: Int, channels: Int) {
    let reader = try AudioReader(path: path(name))
    var (left, right): ([Float], [Float]) = ([], [])
    while let block = try reader.read(maximumFrames: 1 << 20) {
      left += block[channel: 0]
      right += block[channel: 1]
    }
    return (left, right, reader.sourceFormat.sampleRate, reader.sourceFormat.channelCount)
  }

  var names: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.sorted() ?? []
  }
}
