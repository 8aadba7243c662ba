// SPDX-License-Identifier: MIT

/// A band of a parametric equalizer after Bristow-Johnson's cookbook.
public struct EqualizerBand: PlanSection {
  /// The shape of the band.
  public var shape: Shape = .bell
  /// The centre or corner frequency, 10 to 24000 Hz.
  public var frequencyHz = Self.frequency.standard
  /// Gain at the centre or on the shelf; a notch has none, -24 to 24 dB.
  public var gainDB = Self.gain.standard
  /// The quality: centre frequency over bandwidth, 0.1 to 20.
  public var q = Self.q.standard
  /// Why values are as they are.
  public var because = Reasons()
  /// Members of the object that this version does not know.
  public var unknown: [JSONMember] = []

  static let summary = "A band of the parametric equalizer."

  /// Every value at its standard.
  public init() {}

  /// A band.
  public init(
    _ shape: Shape, frequencyHz: Double, gainDB: Double = 0, q: Double = 0.7071067811865476
  ) {
    self.shape = shape
    self.frequencyHz = frequencyHz
    self.gainDB = gainDB
    self.q = q
  }

  mutating func visit<V: PlanVisitor>(_ visitor: inout V) throws(MixPlanError) {
    try visitor.choice("type", &shape, "The shape of the band.")
    try visitor.number("frequency", &frequencyHz, Self.frequency)
    try visitor.number("gain", &gainDB, Self.gain)
    try visitor.number("q", &q, Self.q)
  }
}

extension EqualizerBand {
  /// The range of `frequencyHz`.
  public static let frequency = Quantity(
    .hertz, 10...24000, standard: 1000, "The centre or corner frequency.")

  /// The range of `gainDB`.
  public static let gain = Quantity(
    .decibels, -24...24, standard: 0, "Gain at the centre or on the shelf; a notch has none.")

  /// The range of `q`.
  public static let q = Quantity(
    .none, 0.1...20, standard: 0.7071067811865476, "The quality: centre frequency over bandwidth.")
}

extension EqualizerBand {
  /// The shape of a band.
  public enum Shape: PlanChoice {
    /// A peak or a dip around a frequency.
    case bell
    /// Gain below a frequency.
    case lowShelf
    /// Gain above a frequency.
    case highShelf
    /// Silence at a frequency.
    case notch

    static var all: [Shape] { [.bell, .lowShelf, .highShelf, .notch] }

    var json: JSONValue {
      switch self {
      case .bell: .string("bell")
      case .lowShelf: .string("lowShelf")
      case .highShelf: .string("highShelf")
      case .notch: .string("notch")
      }
    }
  }
}
