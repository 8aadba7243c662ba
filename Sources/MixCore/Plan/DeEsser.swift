// SPDX-License-Identifier: MIT

/// Turns down the band above a frequency while it is loud.
public struct DeEsser: PlanSection {
  /// Where the band of sibilants begins, 1000 to 16000 Hz.
  public var frequencyHz = Self.frequency.standard
  /// The level of the band above which it goes down, -80 to 0 dBFS.
  public var thresholdDB = Self.threshold.standard
  /// Level change at the input over that at the output, above the threshold, 1 to 100.
  public var ratio = Self.ratio.standard
  /// The most that the band goes down, 0 to 24 dB.
  public var rangeDB = Self.range.standard
  /// Why values are as they are.
  public var because = Reasons()
  /// Members of the object that this version does not know.
  public var unknown: [JSONMember] = []

  static let summary = "A de-esser."

  /// Every value at its standard.
  public init() {}

  mutating func visit<V: PlanVisitor>(_ visitor: inout V) throws(MixPlanError) {
    try visitor.number("frequency", &frequencyHz, Self.frequency)
    try visitor.number("threshold", &thresholdDB, Self.threshold)
    try visitor.number("ratio", &ratio, Self.ratio)
    try visitor.number("range", &rangeDB, Self.range)
  }
}

extension DeEsser {
  /// The range of `frequencyHz`.
  public static let frequency = Quantity(
    .hertz, 1000...16000, standard: 6000, "Where the band of sibilants begins.")

  /// The range of `thresholdDB`.
  public static let threshold = Quantity(
    .fullScale, -80...0, standard: -30, "The level of the band above which it goes down.")

  /// The range of `ratio`.
  public static let ratio = Quantity(
    .none, 1...100, standard: 4,
    "Level change at the input over that at the output, above the threshold.")

  /// The range of `rangeDB`.
  public static let range = Quantity(
    .decibels, 0...24, standard: 8, "The most that the band goes down.")
}
