// SPDX-License-Identifier: MIT

/// The room: early reflections and a feedback delay network with a reverberation time (RT60, the time of a
/// decay by 60 dB) for each of three bands.
///
/// The bands pass into each other: the time of the low band is reached two octaves below its crossover, that of the
/// high band two octaves above its one.
public struct Reverb: PlanSection {
  /// Level of the reverb in the mix, -96 to 24 dB.
  public var gainDB = Self.gain.standard
  /// RT60 below the low crossover, 0.1 to 20 seconds.
  public var decayLowSeconds = Self.decayLow.standard
  /// RT60 between the crossovers, 0.1 to 20 seconds.
  public var decayMidSeconds = Self.decayMid.standard
  /// RT60 above the high crossover, 0.1 to 20 seconds.
  public var decayHighSeconds = Self.decayHigh.standard
  /// Between low and mid, 50 to 1000 Hz.
  public var crossoverLowHz = Self.crossoverLow.standard
  /// Between mid and high, 1200 to 12000 Hz.
  public var crossoverHighHz = Self.crossoverHigh.standard
  /// Silence before the reverb, 0 to 250 milliseconds.
  public var preDelayMilliseconds = Self.preDelay.standard
  /// Level of the early reflections; -96 is none, -96 to 12 dB.
  public var earlyDB = Self.early.standard
  /// Gain of the side signal of the reverb: 0 mono, 1 wide, 0 to 1.
  public var width = Self.width.standard
  /// Removes lows from what goes into the reverb.
  public var highPass: PassFilter?
  /// Removes highs from what goes into the reverb.
  public var lowPass: PassFilter?
  /// Why values are as they are.
  public var because = Reasons()
  /// Members of the object that this version does not know.
  public var unknown: [JSONMember] = []

  static let summary = "The room that all tracks share."

  /// Every value at its standard.
  public init() {}

  mutating func visit<V: PlanVisitor>(_ visitor: inout V) throws(MixPlanError) {
    try visitor.number("gain", &gainDB, Self.gain)
    try visitor.number("decayLow", &decayLowSeconds, Self.decayLow)
    try visitor.number("decayMid", &decayMidSeconds, Self.decayMid)
    try visitor.number("decayHigh", &decayHighSeconds, Self.decayHigh)
    try visitor.number("crossoverLow", &crossoverLowHz, Self.crossoverLow)
    try visitor.number("crossoverHigh", &crossoverHighHz, Self.crossoverHigh)
    try visitor.number("preDelay", &preDelayMilliseconds, Self.preDelay)
    try visitor.number("early", &earlyDB, Self.early)
    try visitor.number("width", &width, Self.width)
    try visitor.section("highPass", &highPass)
    try visitor.section("lowPass", &lowPass)
  }
}

extension Reverb {
  /// The range of `gainDB`.
  public static let gain = Quantity(
    .decibels, -96...24, standard: 0, "Level of the reverb in the mix.")

  /// The range of `decayLowSeconds`.
  public static let decayLow = Quantity(
    .seconds, 0.1...20, standard: 1.6, "RT60 below the low crossover.")

  /// The range of `decayMidSeconds`.
  public static let decayMid = Quantity(
    .seconds, 0.1...20, standard: 1.5, "RT60 between the crossovers.")

  /// The range of `decayHighSeconds`.
  public static let decayHigh = Quantity(
    .seconds, 0.1...20, standard: 1, "RT60 above the high crossover.")

  /// The range of `crossoverLowHz`.
  public static let crossoverLow = Quantity(
    .hertz, 50...1000, standard: 250, "Between low and mid.")

  /// The range of `crossoverHighHz`.
  public static let crossoverHigh = Quantity(
    .hertz, 1200...12000, standard: 4000, "Between mid and high.")

  /// The range of `preDelayMilliseconds`.
  public static let preDelay = Quantity(
    .milliseconds, 0...250, standard: 20, "Silence before the reverb.")

  /// The range of `earlyDB`.
  public static let early = Quantity(
    .decibels, -96...12, standard: -6, "Level of the early reflections; -96 is none.")

  /// The range of `width`.
  public static let width = Quantity(
    .none, 0...1, standard: 1, "Gain of the side signal of the reverb: 0 mono, 1 wide.")
}
