// SPDX-License-Identifier: MIT

/// What of a track a listener can have a taste in.
public enum TasteQuantity: Int, Sendable, CaseIterable {
  /// The fader, in dB.
  case gain
  /// The place from left to right, -1 to 1.
  case pan
  /// How much brighter the equalizer makes it, in dB.
  case tilt
  /// The level into the reverb, in dB.
  case reverbSend

  /// The key in documents.
  public var key: String {
    switch self {
    case .gain: "gain"
    case .pan: "pan"
    case .tilt: "tilt"
    case .reverbSend: "reverbSend"
    }
  }

  /// The most that a taste changes a plan, up or down: 6 dB, half the way to a side.
  public var limit: Double { self == .pan ? 0.5 : 6 }

  /// What is as much as a dB.
  var scale: Double { self == .pan ? 0.1 : 1 }

  /// Changes below this are left out.
  var smallest: Double { self == .pan ? 0.02 : self == .gain ? 0.1 : 0.3 }

  /// What a track that sends nothing into the reverb counts as, in dB.
  static let dryDB = -30.0

  /// The value in a track.
  public func value(in track: Track) -> Double {
    switch self {
    case .gain: track.gainDB
    case .pan: track.pan
    case .tilt: SpectralTilt.tiltDB(of: track.equalizer)
    case .reverbSend: max(track.reverbSendDB ?? Self.dryDB, Self.dryDB)
    }
  }

  /// The value as it is said and applied: tenths of a dB, hundredths of a place.
  func rounded(_ value: Double) -> Double {
    let steps = self == .pan ? 100.0 : 10
    return (value * steps).rounded() / steps + 0
  }

  /// A taste in words, such as `vocals 1.5 dB louder`.
  func words(_ stem: String, _ change: Double) -> String {
    let size = abs(rounded(change)).description
    return switch self {
    case .gain: "\(stem) \(size) dB \(change > 0 ? "louder" : "quieter")"
    case .pan: "\(stem) \(size) further \(change > 0 ? "right" : "left")"
    case .tilt: "\(stem) \(size) dB \(change > 0 ? "brighter" : "darker")"
    case .reverbSend: "\(stem) with \(size) dB \(change > 0 ? "more" : "less") reverb"
    }
  }
}
