// SPDX-License-Identifier: MIT

/// What a number in a plan means: its unit, its range and the value it has where a plan is silent.
public struct Quantity: Sendable {
  /// The unit of a number.
  public struct Unit: Sendable {
    /// The unit as the schema shows it.
    public let symbol: String

    /// Ratio of amplitudes, 20 log10.
    public static let decibels = Unit(symbol: "dB")
    /// Level against a full-scale sample of 1.
    public static let fullScale = Unit(symbol: "dBFS")
    /// True-peak level after ITU-R BS.1770.
    public static let truePeak = Unit(symbol: "dBTP")
    /// Loudness after ITU-R BS.1770.
    public static let loudness = Unit(symbol: "LUFS")
    /// Cycles per second.
    public static let hertz = Unit(symbol: "Hz")
    /// Thousandths of a second.
    public static let milliseconds = Unit(symbol: "ms")
    /// Seconds.
    public static let seconds = Unit(symbol: "s")
    /// A number without a unit.
    public static let none = Unit(symbol: "1")
  }

  /// The unit.
  public let unit: Unit
  /// The values that are allowed, ends included.
  public let range: ClosedRange<Double>
  /// The value where a plan is silent.
  public let standard: Double
  /// One sentence for the schema.
  public let summary: String

  init(_ unit: Unit, _ range: ClosedRange<Double>, standard: Double, _ summary: String) {
    self.unit = unit
    self.range = range
    self.standard = standard
    self.summary = summary
  }

  /// The nearest allowed value; the standard for what is not a number.
  public func clamp(_ value: Double) -> Double {
    value.isNaN ? standard : min(max(value, range.lowerBound), range.upperBound)
  }

  /// Refuses a value outside the range, in words.
  func check(_ value: Double, _ path: String) throws(MixPlanError) {
    func text(_ value: Double) -> String { JSONNumber(value).literal }
    guard value.isFinite else {
      throw MixPlanError(.outOfRange, "not a finite number", path: path)
    }
    if value < range.lowerBound {
      throw MixPlanError(
        .outOfRange, "\(text(value)) is below \(text(range.lowerBound))", path: path)
    }
    if value > range.upperBound {
      throw MixPlanError(
        .outOfRange, "\(text(value)) is above \(text(range.upperBound))", path: path)
    }
  }
}
