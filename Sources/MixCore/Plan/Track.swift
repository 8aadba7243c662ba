// SPDX-License-Identifier: MIT

/// What happens to one stem on its way to the mix.
///
/// The order is that of the fields: filters, gate, equalizer, de-esser, compressor, saturation, width, then
/// the fader with pan, mute and solo, and the reverb send after it.
public struct Track: PlanSection {
  /// The name of the stem, unique in the plan.
  public var name = "track"
  /// The fader, -96 to 24 dB.
  public var gainDB = Self.gain.standard
  /// Constant-power balance: -1 left, 0 centre, 1 right, -1 to 1.
  public var pan = Self.pan.standard
  /// Whether the track is silent.
  public var mute = false
  /// Whether only this track and other soloed ones sound.
  public var solo = false
  /// Removes what is below a frequency.
  public var highPass: PassFilter?
  /// Removes what is above a frequency.
  public var lowPass: PassFilter?
  /// Turns down what is soft.
  public var gate: Gate?
  /// The bands of the equalizer.
  public var equalizer: [EqualizerBand] = []
  /// Turns down sibilants.
  public var deEsser: DeEsser?
  /// Turns down what is loud.
  public var compressor: Compressor?
  /// Adds harmonics.
  public var saturation: Saturation?
  /// Gain of the side signal: 0 mono, 1 as it is, 2 wide, 0 to 2.
  public var width = Self.width.standard
  /// Level into the reverb, after the fader; null for none, -96 to 12 dB.
  public var reverbSendDB: Double?
  /// Why values are as they are.
  public var because = Reasons()
  /// Members of the object that this version does not know.
  public var unknown: [JSONMember] = []

  static let summary = "One stem's way to the mix."

  /// Every value at its standard.
  public init() {}

  /// A track that passes its stem as it is.
  public init(name: String) { self.name = name }

  mutating func visit<V: PlanVisitor>(_ visitor: inout V) throws(MixPlanError) {
    try visitor.text("name", &name, "The name of the stem, unique in the plan.")
    try visitor.number("gain", &gainDB, Self.gain)
    try visitor.number("pan", &pan, Self.pan)
    try visitor.flag("mute", &mute, "Whether the track is silent.")
    try visitor.flag("solo", &solo, "Whether only this track and other soloed ones sound.")
    try visitor.section("highPass", &highPass)
    try visitor.section("lowPass", &lowPass)
    try visitor.section("gate", &gate)
    try visitor.list("equalizer", &equalizer, maximumCount: 16)
    try visitor.section("deEsser", &deEsser)
    try visitor.section("compressor", &compressor)
    try visitor.section("saturation", &saturation)
    try visitor.number("width", &width, Self.width)
    try visitor.number("reverbSend", &reverbSendDB, Self.reverbSend)
  }
}

extension Track {
  /// The range of `gainDB`.
  public static let gain = Quantity(
    .decibels, -96...24, standard: 0, "The fader.")

  /// The range of `pan`.
  public static let pan = Quantity(
    .none, -1...1, standard: 0, "Constant-power balance: -1 left, 0 centre, 1 right.")

  /// The range of `width`.
  public static let width = Quantity(
    .none, 0...2, standard: 1, "Gain of the side signal: 0 mono, 1 as it is, 2 wide.")

  /// The range of `reverbSendDB`.
  public static let reverbSend = Quantity(
    .decibels, -96...12, standard: -96, "Level into the reverb, after the fader; null for none.")
}
