// SPDX-License-Identifier: MIT
import MixCore

/// The generic devices of DAWproject that stand for the processors of a plan.
///
/// Units are those that the reference names (github.com/bitwig/dawproject, package `device`): gains and
/// thresholds in decibel, times in seconds, ratios in percent: 0 for 1:1, 100 for ∞:1.
struct DAWProjectDevices {
  /// Makes the identifiers unique.
  let prefix: String

  /// The devices of a track, in the order of the plan.
  ///
  /// - Parameter outputGainDB: A gain behind all of them.
  func track(_ track: Track?, outputGainDB: Double) -> [XMLElement] {
    var devices: [XMLElement] = []
    var bands = track.map { passBands($0.highPass, $0.lowPass) } ?? []
    if let gate = track?.gate {
      if !bands.isEmpty { devices.append(equalizer("filters", bands, gains: [])) }
      bands = []
      devices.append(noiseGate(gate))
    }
    bands += track?.equalizer.map { ($0, []) } ?? []
    let hasCompressor = track?.compressor != nil
    let equalizerGainDB = hasCompressor ? 0 : outputGainDB
    if !bands.isEmpty || equalizerGainDB != 0 {
      devices.append(
        equalizer(
          "equalizer", bands, gains: equalizerGainDB == 0 ? [] : [("OutputGain", equalizerGainDB)]))
    }
    if let compressor = track?.compressor {
      devices.append(self.compressor(compressor, inputDB: 0, outputDB: outputGainDB))
    }
    return devices
  }

  /// The devices of the master, and the gain that is left for its fader.
  func master(
    _ master: Master, loudnessGainDB: Double, limiter: Limiter?
  ) -> (devices: [XMLElement], faderDB: Double) {
    var devices: [XMLElement] = []
    var gainDB = loudnessGainDB
    if !master.equalizer.isEmpty {
      devices.append(equalizer("equalizer", master.equalizer.map { ($0, []) }, gains: []))
    }
    if let compressor = master.compressor {
      devices.append(self.compressor(compressor, inputDB: master.gainDB, outputDB: 0))
    } else {
      gainDB += master.gainDB
    }
    guard let limiter else { return (devices, gainDB) }
    devices.append(
      device(
        "Limiter", "limiter",
        [
          real("InputGain", "decibel", gainDB, "limiter-input"),
          real("Release", "seconds", limiter.releaseMilliseconds / 1000, "limiter-release"),
          real("Threshold", "decibel", limiter.ceilingDB, "limiter-threshold"),
        ]))
    return (devices, 0)
  }

  /// A band, and another shape and quality that it gets instead.
  private typealias Band = (band: EqualizerBand, pass: [(type: String, q: Double)])

  /// Filters as bands of 12 dB per octave: 24 dB are two of them with the qualities of a Butterworth filter
  /// of fourth order, 1 / (2 cos(π/8)) and 1 / (2 cos(3π/8)).
  private func passBands(_ high: PassFilter?, _ low: PassFilter?) -> [Band] {
    func bands(_ filter: PassFilter?, _ type: String) -> [Band] {
      guard let filter else { return [] }
      let qs =
        filter.slope == .decibels12
        ? [0.7071067811865476] : [0.5411961001461970, 1.3065629648763766]
      return qs.map { q in
        (EqualizerBand(.bell, frequencyHz: filter.frequencyHz), [(type, q)])
      }
    }
    return bands(high, "highPass") + bands(low, "lowPass")
  }

  private func equalizer(
    _ id: String, _ bands: [Band], gains: [(name: String, value: Double)]
  ) -> XMLElement {
    let elements = bands.enumerated().map { index, entry -> XMLElement in
      let id = "\(id)-band\(index)"
      let type = entry.pass.first?.type ?? Self.type(entry.band.shape)
      var children = [real("Freq", "hertz", entry.band.frequencyHz, "\(id)-frequency")]
      if entry.pass.isEmpty, entry.band.shape != .notch {
        children.append(real("Gain", "decibel", entry.band.gainDB, "\(id)-gain"))
      }
      children.append(real("Q", "linear", entry.pass.first?.q ?? entry.band.q, "\(id)-q"))
      children.append(flag("Enabled", true, "\(id)-enabled"))
      return XMLElement("Band", [("type", type), ("order", "\(index)")], children)
    }
    return device(
      "Equalizer", id,
      elements + gains.map { real($0.name, "decibel", $0.value, "\(id)-output") })
  }

  private static func type(_ shape: EqualizerBand.Shape) -> String {
    switch shape {
    case .bell: "bell"
    case .lowShelf: "lowShelf"
    case .highShelf: "highShelf"
    case .notch: "notch"
    }
  }

  private func compressor(
    _ compressor: Compressor, inputDB: Double, outputDB: Double
  ) -> XMLElement {
    device(
      "Compressor", "compressor",
      [
        real("Attack", "seconds", compressor.attackMilliseconds / 1000, "compressor-attack"),
        flag("AutoMakeup", false, "compressor-auto"),
        real("InputGain", "decibel", inputDB, "compressor-input"),
        real("OutputGain", "decibel", compressor.makeupDB + outputDB, "compressor-output"),
        real("Ratio", "percent", Self.percent(compressor.ratio), "compressor-ratio"),
        real("Release", "seconds", compressor.releaseMilliseconds / 1000, "compressor-release"),
        real("Threshold", "decibel", compressor.thresholdDB, "compressor-threshold"),
      ])
  }

  private func noiseGate(_ gate: Gate) -> XMLElement {
    device(
      "NoiseGate", "gate",
      [
        real("Attack", "seconds", gate.attackMilliseconds / 1000, "gate-attack"),
        real("Range", "decibel", -gate.rangeDB, "gate-range"),
        real("Ratio", "percent", Self.percent(gate.ratio), "gate-ratio"),
        real("Release", "seconds", gate.releaseMilliseconds / 1000, "gate-release"),
        real("Threshold", "decibel", gate.thresholdDB, "gate-threshold"),
      ])
  }

  /// A ratio of R:1 as the share of the level change that is taken away.
  static func percent(_ ratio: Double) -> Double { 100 * (1 - 1 / ratio) }

  private func device(_ name: String, _ id: String, _ parameters: [XMLElement]) -> XMLElement {
    XMLElement(
      name,
      [
        ("deviceName", name), ("deviceRole", "audioFX"), ("loaded", "true"),
        ("id", "\(prefix)-\(id)"), ("name", name),
      ], [flag("Enabled", true, "\(id)-on")] + parameters)
  }

  private func real(
    _ name: String, _ unit: String, _ value: Double, _ id: String
  ) -> XMLElement {
    XMLElement(
      name, [("unit", unit), ("value", decimalText(value)), ("id", "\(prefix)-\(id)")])
  }

  private func flag(_ name: String, _ value: Bool, _ id: String) -> XMLElement {
    XMLElement(name, [("value", value ? "true" : "false"), ("id", "\(prefix)-\(id)")])
  }
}
