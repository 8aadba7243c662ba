// SPDX-License-Identifier: MIT
import Foundation

/// A test signal of EBU Tech 3341 (2023) or 3342 and what a meter has to say of it.
///
/// All that can be synthesised are here; cases 7 and 8 of 3341 and 5 and 6 of 3342 are recordings.
struct EBUCase: Sendable, CustomStringConvertible {
  let name: String
  /// The signal at a sample rate: (channels)(frames).
  let signal: @Sendable (Double) -> [[Float]]
  let expected: Double

  var description: String { name }

  /// A 1 kHz sine in all channels: levels in dBFS with seconds; -infinity is silence.
  static func tones(
    _ parts: [(level: Double, seconds: Double)], _ rate: Double, channels: Int = 2
  ) -> [[Float]] {
    var samples: [Float] = []
    var n = 0
    for part in parts {
      let amplitude = pow(10, part.level / 20)
      for _ in 0..<Int((part.seconds * rate).rounded()) {
        samples.append(Float(amplitude * sin(2 * .pi * 1000 * Double(n) / rate)))
        n += 1
      }
    }
    return [[Float]](repeating: samples, count: channels)
  }

  static func repeated(
    _ parts: [(level: Double, seconds: Double)], _ count: Int
  ) -> [(level: Double, seconds: Double)] { (0..<count).flatMap { _ in parts } }

  /// Cases whose integrated loudness counts.
  static let integrated: [EBUCase] = [
    EBUCase(name: "3341-1", signal: { tones([(-23, 20)], $0) }, expected: -23),
    EBUCase(name: "3341-2", signal: { tones([(-33, 20)], $0) }, expected: -33),
    EBUCase(
      name: "3341-3", signal: { tones([(-36, 10), (-23, 60), (-36, 10)], $0) }, expected: -23),
    EBUCase(
      name: "3341-4",
      signal: { tones([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], $0) },
      expected: -23),
    EBUCase(
      name: "3341-5", signal: { tones([(-26, 20), (-20, 20.1), (-26, 20)], $0) }, expected: -23),
    EBUCase(
      name: "3341-6",
      signal: { rate in
        [-28.0, -28, -24, -30, -30].map { tones([($0, 20)], rate, channels: 1)[0] }
      },
      expected: -23),
  ]

  /// Cases of the loudness range.
  static let range: [EBUCase] = [
    EBUCase(name: "3342-1", signal: { tones([(-20, 20), (-30, 20)], $0) }, expected: 10),
    EBUCase(name: "3342-2", signal: { tones([(-20, 20), (-15, 20)], $0) }, expected: 5),
    EBUCase(name: "3342-3", signal: { tones([(-40, 20), (-20, 20)], $0) }, expected: 20),
    EBUCase(
      name: "3342-4",
      signal: { tones([(-50, 20), (-35, 20), (-20, 20), (-35, 20), (-50, 20)], $0) },
      expected: 15),
  ]

  /// A sine of amplitude `peak` at `share` of the sample rate, with a phase in degrees.
  static func peakTone(_ share: Double, _ degrees: Double, _ peak: Double, _ rate: Double)
    -> [[Float]]
  {
    let count = Int(rate / 2)
    // Faded in and out, so that only the sine counts.
    let fade = Double(count / 10)
    let samples = (0..<count).map { n -> Float in
      let edge = min(1, Double(min(n, count - 1 - n)) / fade)
      return Float(peak * edge * sin(2 * .pi * share * Double(n) + degrees * .pi / 180))
    }
    return [samples, samples]
  }

  /// A tone at a sixth of the sample rate whose largest value, 1, lies `offset` quarters of a frame beside a
  /// sample.
  static func offsetTone(_ offset: Double, _ rate: Double) -> [[Float]] {
    let count = Int(rate / 2)
    let samples = (0..<count).map { n -> Float in
      let t = Double(n) + offset / 4 - Double(count / 2)
      let edge = 0.5 + 0.5 * cos(2 * .pi * t / Double(count))
      return Float(edge * cos(2 * .pi * t / 6))
    }
    return [samples, samples]
  }

  /// Cases of the true peak, whose tolerance is +0.2 and -0.4 dB.
  static let truePeak: [EBUCase] = [
    EBUCase(name: "3341-15", signal: { peakTone(0.25, 0, 0.5, $0) }, expected: -6),
    EBUCase(name: "3341-16", signal: { peakTone(0.25, 45, 0.5, $0) }, expected: -6),
    EBUCase(name: "3341-17", signal: { peakTone(1.0 / 6, 60, 0.5, $0) }, expected: -6),
    EBUCase(name: "3341-18", signal: { peakTone(0.125, 67.5, 0.5, $0) }, expected: -6),
    EBUCase(name: "3341-19", signal: { peakTone(0.25, 45, 1.41, $0) }, expected: 3),
    EBUCase(name: "3341-20", signal: { offsetTone(0, $0) }, expected: 0),
    EBUCase(name: "3341-21", signal: { offsetTone(1, $0) }, expected: 0),
    EBUCase(name: "3341-22", signal: { offsetTone(2, $0) }, expected: 0),
    EBUCase(name: "3341-23", signal: { offsetTone(3, $0) }, expected: 0),
  ]
}
