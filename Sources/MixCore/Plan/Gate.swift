// SPDX-License-Identifier: MIT

/// A downward expander, up to a gate: below the threshold, what is soft becomes softer.
public struct Gate: PlanSection {
  /// The level below which the gain goes down, -100 to 0 dBFS.
  public var thresholdDB = Self.threshold.standard
  /// Level change at the output over that at the input, below the threshold, 1 to 100.
  public var ratio = Self.ratio.standard
  /// The most that the gain goes down, 0 to 100 dB.
  public var rangeDB = Self.range.standard
  /// Time constant of opening, 0.05 to 100 milliseconds.
  public var attackMilliseconds = Self.attack.standard
  /// How long the gate stays open below the threshold, 0 to 2000 milliseconds.
  public var holdMilliseconds = Self.hold.standard
  /// Time constant of closing, 1 to 5000 milliseconds.
  public var releaseMilliseconds = Self.release.standard
  /// Why values are as they are.
  public var because = Reasons()
  /// Members of the object that this version does not know.
  public var unknown: [JSONMember] = []

  static let summary = "A gate or downward expander."

  /// Every value at its standard.
  public init() {}

  mutating func visit<V: PlanVisitor>(_ visitor: inout V) throws(MixPlanError) {
    try visitor.number("threshold", &thresholdDB, Self.threshold)
    try visitor.number("ratio", &ratio, Self.ratio)
    try visitor.number("range", &rangeDB, Self.range)
    try visitor.number("attack", &attackMilliseconds, Self.attack)
    try visitor.number("hold", &holdMilliseconds, Self.hold)
    try visitor.number("release", &releaseMilliseconds, Self.release)
  }
}

extension Gate {
  /// The range of `thresholdDB`.
  public static let threshold = Quantity(
    .fullScale, -100...0, standard: -50, "The level below which the gain goes down.")

  /// The range of `ratio`.
  public static let ratio = Quantity(
    .none, 1...100, standard: 10,
    "Level change at the output over that at the input, below the threshold.")

  /// The range of `rangeDB`.
  public static let range = Quantity(
    .decibels, 0...100, standard: 40, "The most that the gain goes down.")

  /// The range of `attackMilliseconds`.
  public static let attack = Quantity(
    .milliseconds, 0.05...100, standard: 1, "Time constant of opening.")

  /// The range of `holdMilliseconds`.
  public static let hold = Quantity(
    .milliseconds, 0...2000, standard: 50, "How long the gate stays open below the threshold.")

  /// The range of `releaseMilliseconds`.
  public static let release = Quantity(
    .milliseconds, 1...5000, standard: 150, "Time constant of closing.")
}
