// SPDX-License-Identifier: MIT

/// What happens to the sum of the tracks, in the order of the fields.
public struct Master: PlanSection {
  /// Gain before everything else, -96 to 24 dB.
  public var gainDB = Self.gain.standard
  /// The bands of the equalizer.
  public var equalizer: [EqualizerBand] = []
  /// Turns down what is loud.
  public var compressor: Compressor?
  /// Gain of the side signal: 0 mono, 1 as it is, 2 wide, 0 to 2.
  public var width = Self.width.standard
  /// Integrated loudness to reach; null leaves it as it is, -70 to 0 LUFS.
  public var loudnessLUFS: Double?
  /// Holds the true peak.
  public var limiter: Limiter?
  /// Why values are as they are.
  public var because = Reasons()
  /// Members of the object that this version does not know.
  public var unknown: [JSONMember] = []

  static let summary = "What happens to the sum of the tracks."

  /// Every value at its standard.
  public init() {}

  mutating func visit<V: PlanVisitor>(_ visitor: inout V) throws(MixPlanError) {
    try visitor.number("gain", &gainDB, Self.gain)
    try visitor.list("equalizer", &equalizer, maximumCount: 16)
    try visitor.section("compressor", &compressor)
    try visitor.number("width", &width, Self.width)
    try visitor.number("loudness", &loudnessLUFS, Self.loudness)
    try visitor.section("limiter", &limiter)
  }
}

extension Master {
  /// The range of `gainDB`.
  public static let gain = Quantity(
    .decibels, -96...24, standard: 0, "Gain before everything else.")

  /// The range of `width`.
  public static let width = Quantity(
    .none, 0...2, standard: 1, "Gain of the side signal: 0 mono, 1 as it is, 2 wide.")

  /// The range of `loudnessLUFS`.
  public static let loudness = Quantity(
    .loudness, -70...0, standard: -14, "Integrated loudness to reach; null leaves it as it is.")
}
