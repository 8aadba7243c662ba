// SPDX-License-Identifier: MIT
import Foundation
import MixCore

/// A room as a row of numbers from 0 to 1, each a value of the plan on the scale on which it is heard.
struct ReverbGenes: Sendable, Equatable {
  static let count = 10
  /// How far a mutation moves a value at the beginning.
  static let spread = [0.05, 0.1, 0.1, 0.15, 0.15, 0.04, 0.12, 0.12, 0.1, 0.1]

  var values: [Double]  // (10)

  private static let decay = (low: 0.1, high: 20.0)
  private static let ratio = (low: 0.2, high: 4.0)
  private static let crossoverLow = (low: 50.0, high: 1000.0)
  private static let crossoverHigh = (low: 1200.0, high: 12_000.0)
  private static let highPass = (low: 15.0, high: 1000.0)
  private static let lowPass = (low: 1000.0, high: 20_000.0)

  private static func logarithmic(_ value: Double, _ range: (low: Double, high: Double)) -> Double {
    (log(value / range.low) / log(range.high / range.low)).clamped(0...1)
  }

  private static func exponential(_ gene: Double, _ range: (low: Double, high: Double)) -> Double {
    range.low * pow(range.high / range.low, gene)
  }

  /// The genes of a room.
  init(_ room: Reverb) {
    values = [
      Self.logarithmic(room.decayMidSeconds, Self.decay),
      Self.logarithmic(room.decayLowSeconds / room.decayMidSeconds, Self.ratio),
      Self.logarithmic(room.decayHighSeconds / room.decayMidSeconds, Self.ratio),
      Self.logarithmic(room.crossoverLowHz, Self.crossoverLow),
      Self.logarithmic(room.crossoverHighHz, Self.crossoverHigh),
      room.preDelayMilliseconds / 250,
      ((room.earlyDB + 30) / 42).clamped(0...1),
      room.width,
      room.highPass.map { Self.logarithmic($0.frequencyHz, Self.highPass) } ?? 0,
      room.lowPass.map { Self.logarithmic($0.frequencyHz, Self.lowPass) } ?? 1,
    ]
  }

  /// The room, at a gain of 0 dB.
  var room: Reverb {
    var room = Reverb()
    let mid = Self.exponential(values[0], Self.decay)
    room.decayMidSeconds = mid
    room.decayLowSeconds = Reverb.decayLow.clamp(mid * Self.exponential(values[1], Self.ratio))
    room.decayHighSeconds = Reverb.decayHigh.clamp(mid * Self.exponential(values[2], Self.ratio))
    room.crossoverLowHz = Self.exponential(values[3], Self.crossoverLow)
    room.crossoverHighHz = Self.exponential(values[4], Self.crossoverHigh)
    room.preDelayMilliseconds = 250 * values[5]
    room.earlyDB = values[6] < 0.02 ? Reverb.early.range.lowerBound : 42 * values[6] - 30
    room.width = values[7]
    if values[8] > 0.02 {
      room.highPass = PassFilter(frequencyHz: Self.exponential(values[8], Self.highPass))
    }
    if values[9] < 0.98 {
      room.lowPass = PassFilter(frequencyHz: Self.exponential(values[9], Self.lowPass))
    }
    return room
  }

  /// A child of two rooms: each value from somewhere between them, or a little beyond (BLX-α of Eshelman and Schaffer
  /// 1993, α = 0.25).
  func crossed(with other: ReverbGenes, _ random: inout some RandomNumberGenerator) -> Self {
    var child = self
    for index in values.indices {
      let share = Double.random(in: -0.25...1.25, using: &random)
      child.values[index] =
        (values[index] + share * (other.values[index] - values[index])).clamped(0...1)
    }
    return child
  }

  /// Moves values by chance, each with a probability.
  mutating func mutate(
    probability: Double, scale: Double, _ random: inout some RandomNumberGenerator
  ) {
    for index in values.indices where Double.random(in: 0..<1, using: &random) < probability {
      // The sum of three even chances has about the shape of a bell.
      let chance = (0..<3).reduce(0.0) { sum, _ in
        sum + Double.random(in: -1...1, using: &random)
      }
      values[index] = (values[index] + chance * scale * Self.spread[index]).clamped(0...1)
    }
  }
}
