// SPDX-License-Identifier: MIT

/// A high-pass or low-pass filter: Butterworth, 12 or 24 dB per octave.
public struct PassFilter: PlanSection {
  /// Where the filter is 3 dB down, 10 to 24000 Hz.
  public var frequencyHz = Self.frequency.standard
  /// The steepness.
  public var slope: Slope = .decibels12
  /// Why values are as they are.
  public var because = Reasons()
  /// Members of the object that this version does not know.
  public var unknown: [JSONMember] = []

  static let summary = "A Butterworth filter."

  /// Every value at its standard.
  public init() {}

  /// A filter at a frequency.
  public init(frequencyHz: Double, slope: Slope = .decibels12) {
    self.frequencyHz = frequencyHz
    self.slope = slope
  }

  mutating func visit<V: PlanVisitor>(_ visitor: inout V) throws(MixPlanError) {
    try visitor.number("frequency", &frequencyHz, Self.frequency)
    try visitor.choice("slope", &slope, "The steepness in dB per octave.")
  }
}

extension PassFilter {
  /// The range of `frequencyHz`.
  public static let frequency = Quantity(
    .hertz, 10...24000, standard: 80, "Where the filter is 3 dB down.")
}

extension PassFilter {
  /// How steep a filter is.
  public enum Slope: PlanChoice {
    /// 12 dB per octave, second order.
    case decibels12
    /// 24 dB per octave, fourth order.
    case decibels24

    static var all: [Slope] { [.decibels12, .decibels24] }
    var json: JSONValue { .number(self == .decibels12 ? 12 : 24) }
  }
}
