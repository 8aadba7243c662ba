// SPDX-License-Identifier: MIT
import Audio
import Foundation

/// The signals of Tests/Fixtures/make_feature_fixtures.py, made anew here.
enum FeatureSignals {
  static let rate = 22_050
  static let names = [
    "noise", "chirp", "clicks", "chords", "burst", "short", "one", "silence", "song",
  ]

  static func named(_ name: String) throws -> [Float] {
    switch name {
    case "noise": floats(noise(2 * rate, 1).map { 0.5 * $0 })
    case "chirp": floats(chirp(3 * rate))
    case "clicks": clicks(12 * rate, perMinute: 120)
    case "chords":
      floats(
        zip(progression(2, "major", "saw", 2 * rate), noise(8 * rate, 4)).map {
          $0 + 1e-3 * $1
        })
    case "burst":
      floats([Double](repeating: 0, count: rate) + noise(rate, 5).map { 0.3 * $0 })
        + [Float](repeating: 0, count: rate)
    case "short": floats(noise(300, 6).map { 0.5 * $0 })
    case "one": [0.5]
    case "silence": [Float](repeating: 0, count: rate)
    default: try song()
    }
  }

  static func floats(_ values: [Double]) -> [Float] { values.map { Float($0) } }

  static func noise(_ count: Int, _ seed: UInt64) -> [Double] {
    var state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648
    }
  }

  static func chirp(_ count: Int) -> [Double] {
    noise(count, 2).enumerated().map { n, noise in
      let t = Double(n) / Double(rate)
      return 0.4 * sin(2 * .pi * (100 + 650 * t) * t) + 1e-3 * noise
    }
  }

  static func clicks(_ count: Int, perMinute: Double) -> [Float] {
    let period = 60 / perMinute
    return noise(count, 3).enumerated().map { n, noise in
      let t = Double(n) / Double(rate)
      let since = t - (t / period).rounded(.down) * period
      return Float((0.8 * exp(-since / 0.01) + 1e-3) * noise)
    }
  }

  static let timbres: [String: [Double]] = [
    "sine": [1], "organ": [1, 0.5, 0, 0.25], "saw": (1...8).map { 1 / Double($0) },
    "clarinet": [1, 0, 1.0 / 3, 0, 1.0 / 5, 0, 1.0 / 7],
  ]

  /// Tonic, subdominant, dominant, tonic: root and triad in semitones above the tonic.
  static let chords: [String: [(Int, [Int])]] = [
    "major": [(0, [0, 4, 7]), (5, [5, 9, 12]), (7, [7, 11, 14]), (0, [0, 4, 7])],
    "minor": [(0, [0, 3, 7]), (5, [5, 8, 12]), (7, [7, 11, 14]), (0, [0, 3, 7])],
  ]

  static func progression(
    _ tonic: Int, _ mode: String, _ timbre: String, _ chordFrames: Int
  ) -> [Double] {
    (chords[mode] ?? []).flatMap { root, triad in
      var chord = [Double](repeating: 0, count: chordFrames)
      for pitch in [36 + tonic + root] + triad.map({ 60 + tonic + $0 }) {
        let frequency = 440 * pow(2, Double(pitch - 69) / 12)
        for (k, amplitude) in (timbres[timbre] ?? []).enumerated() where amplitude != 0 {
          let step = 2 * .pi * frequency * Double(k + 1) / Double(rate)
          for n in chord.indices { chord[n] += amplitude * sin(step * Double(n)) }
        }
      }
      return chord.map { $0 / 8 }
    }
  }

  /// The demo song.
  static func demo() throws -> Stereo {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../..").standardizedFileURL
    let reader = try AudioReader(path: root.appending(path: "DemoSong/demo.flac").path)
    var parts: [AudioBuffer] = []
    while let part = try reader.read(maximumFrames: 1 << 20) { parts.append(part) }
    return Stereo(parts.flatMap { $0[channel: 0] }, parts.flatMap { $0[channel: 1] })
  }

  /// The mean of its channels and of every two frames.
  static func song() throws -> [Float] {
    let demo = try demo()
    let mono = zip(demo.left, demo.right).map { ($0 + $1) / 2 }
    return stride(from: 0, to: mono.count - 1, by: 2).map { (mono[$0] + mono[$0 + 1]) / 2 }
  }

  /// Noise whose level changes every quarter of a second, over a tone.
  static func stereo(_ rate: Int, seed: UInt64) -> Stereo {
    let count = 12 * rate
    func channel(_ amplitude: Double, _ seed: UInt64) -> [Float] {
      noise(count, seed).enumerated().map { n, noise in
        let level = pow(10, -Double(n / (rate / 4) * 7 % 24) / 20)
        let tone = 0.1 * sin(2 * .pi * 220 * Double(n) / Double(rate))
        return Float(tone + amplitude * level * noise)
      }
    }
    return Stereo(channel(0.5, seed), channel(0.3, seed + 1))
  }
}
