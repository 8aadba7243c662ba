// SPDX-License-Identifier: MIT

/// A look-ahead limiter that holds the true peak.
public struct Limiter: PlanSection {
  /// The highest true peak of the master, -20 to 0 dBTP.
  public var ceilingDB = Self.ceiling.standard
  /// Time constant of gain coming back, 5 to 2000 milliseconds.
  public var releaseMilliseconds = Self.release.standard
  /// Why values are as they are.
  public var because = Reasons()
  /// Members of the object that this version does not know.
  public var unknown: [JSONMember] = []

  static let summary = "A true-peak limiter."

  /// Every value at its standard.
  public init() {}

  mutating func visit<V: PlanVisitor>(_ visitor: inout V) throws(MixPlanError) {
    try visitor.number("ceiling", &ceilingDB, Self.ceiling)
    try visitor.number("release", &releaseMilliseconds, Self.release)
  }
}

extension Limiter {
  /// The range of `ceilingDB`.
  public static let ceiling = Quantity(
    .truePeak, -20...0, standard: -1, "The highest true peak of the master.")

  /// The range of `releaseMilliseconds`.
  public static let release = Quantity(
    .milliseconds, 5...2000, standard: 100, "Time constant of gain coming back.")
}
