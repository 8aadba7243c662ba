// SPDX-License-Identifier: MIT

/// A feed-forward compressor with a soft knee and a decoupled peak detector (Giannoulis, Massberg, Reiss
/// 2012), both channels linked.
public struct Compressor: PlanSection {
  /// The level above which the gain goes down, -80 to 0 dBFS.
  public var thresholdDB = Self.threshold.standard
  /// Level change at the input over that at the output, above the knee, 1 to 100.
  public var ratio = Self.ratio.standard
  /// The width of the soft knee; 0 is a hard one, 0 to 24 dB.
  public var kneeDB = Self.knee.standard
  /// Time constant of gain going down, 0.05 to 500 milliseconds.
  public var attackMilliseconds = Self.attack.standard
  /// Time constant of gain coming back, 1 to 5000 milliseconds.
  public var releaseMilliseconds = Self.release.standard
  /// Gain after the compressor, -24 to 36 dB.
  public var makeupDB = Self.makeup.standard
  /// Share of the compressed signal; less than 1 is parallel compression, 0 to 1.
  public var mix = Self.mix.standard
  /// The track whose stem, as it comes in, drives the detector; nil for the track itself.
  public var sideChain: String?
  /// Why values are as they are.
  public var because = Reasons()
  /// Members of the object that this version does not know.
  public var unknown: [JSONMember] = []

  static let summary = "A compressor with a soft knee."

  /// Every value at its standard.
  public init() {}

  mutating func visit<V: PlanVisitor>(_ visitor: inout V) throws(MixPlanError) {
    try visitor.number("threshold", &thresholdDB, Self.threshold)
    try visitor.number("ratio", &ratio, Self.ratio)
    try visitor.number("knee", &kneeDB, Self.knee)
    try visitor.number("attack", &attackMilliseconds, Self.attack)
    try visitor.number("release", &releaseMilliseconds, Self.release)
    try visitor.number("makeup", &makeupDB, Self.makeup)
    try visitor.number("mix", &mix, Self.mix)
    try visitor.text(
      "sideChain", &sideChain, "The track whose stem drives the detector; null for this one.")
  }
}

extension Compressor {
  /// The range of `thresholdDB`.
  public static let threshold = Quantity(
    .fullScale, -80...0, standard: -18, "The level above which the gain goes down.")

  /// The range of `ratio`.
  public static let ratio = Quantity(
    .none, 1...100, standard: 2,
    "Level change at the input over that at the output, above the knee.")

  /// The range of `kneeDB`.
  public static let knee = Quantity(
    .decibels, 0...24, standard: 6, "The width of the soft knee; 0 is a hard one.")

  /// The range of `attackMilliseconds`.
  public static let attack = Quantity(
    .milliseconds, 0.05...500, standard: 10, "Time constant of gain going down.")

  /// The range of `releaseMilliseconds`.
  public static let release = Quantity(
    .milliseconds, 1...5000, standard: 100, "Time constant of gain coming back.")

  /// The range of `makeupDB`.
  public static let makeup = Quantity(
    .decibels, -24...36, standard: 0, "Gain after the compressor.")

  /// The range of `mix`.
  public static let mix = Quantity(
    .none, 0...1, standard: 1,
    "Share of the compressed signal; less than 1 is parallel compression.")
}
