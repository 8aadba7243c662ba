// SPDX-License-Identifier: MIT

/// A soft clipper with little aliasing: more drive, more harmonics.
public struct Saturation: PlanSection {
  /// Gain into the clipper; taken back for soft signals, 0 to 36 dB.
  public var driveDB = Self.drive.standard
  /// Share of the saturated signal, 0 to 1.
  public var mix = Self.mix.standard
  /// Why values are as they are.
  public var because = Reasons()
  /// Members of the object that this version does not know.
  public var unknown: [JSONMember] = []

  static let summary = "A soft clipper."

  /// Every value at its standard.
  public init() {}

  mutating func visit<V: PlanVisitor>(_ visitor: inout V) throws(MixPlanError) {
    try visitor.number("drive", &driveDB, Self.drive)
    try visitor.number("mix", &mix, Self.mix)
  }
}

extension Saturation {
  /// The range of `driveDB`.
  public static let drive = Quantity(
    .decibels, 0...36, standard: 6, "Gain into the clipper; taken back for soft signals.")

  /// The range of `mix`.
  public static let mix = Quantity(
    .none, 0...1, standard: 1, "Share of the saturated signal.")
}
