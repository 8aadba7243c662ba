// SPDX-License-Identifier: MIT
import MixCore

/// What a DAW gets to see: tracks with audio, their faders, and the master.
struct Session {
  /// A track of the DAW.
  struct Strip {
    var name: String
    /// The path of the audio below the project.
    var file: String
    var gainDB = 0.0
    /// -1 left to 1 right.
    var pan = 0.0
    var isMuted = false
    var isSoloed = false
    /// Level into the reverb, after the fader; nil for none.
    var sendDB: Double?
    /// Whose processors the DAW is to have; nil where the audio has gone through them.
    var processors: Track?
  }

  /// What the sends lead to.
  struct SendChannel {
    static let name = "Reverb send"
    /// The level of the reverb in the mix.
    var gainDB: Double
  }

  var title: String
  var sampleRate: Int
  var frameCount: Int
  /// The tracks; the printed reverb, where there is one, is the last.
  var strips: [Strip]
  /// A muted channel for a reverb of the DAW's own; nil where nothing is sent.
  var sendChannel: SendChannel?
  var master: Master
  /// The gain behind the processors of the master that brings the mix to its level.
  var loudnessGainDB: Double
  /// The gain that alone makes the sum of the tracks as loud as the mix.
  var sumGainDB: Double
  /// The limiter of the master; nil for none.
  var limiter: Limiter?

  /// The length in seconds.
  var seconds: Double { Double(frameCount) / Double(sampleRate) }
}

extension Track {
  /// Whether it sends anything into a reverb.
  var isSending: Bool { (reverbSendDB ?? -.infinity) > Track.reverbSend.range.lowerBound }

  /// The gain as an amplitude; the lowest gain is silence.
  static func amplitude(gainDB: Double) -> Double {
    gainDB <= Track.gain.range.lowerBound ? 0 : Decibels.amplitude(gainDB)
  }
}

extension MixPlan {
  /// Whether anything goes into the reverb.
  var hasSends: Bool { reverb != nil && tracks.contains(where: \.isSending) }
}

/// A number as decimal text without an exponent and without needless zeros.
func decimalText(_ value: Double, digits: Int = 9) -> String {
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  // The values here are below 1e6, so that their billionths are whole numbers that fit.
  guard value.isFinite, abs(value) < 9e8 else { return "0" }
  let scaled = Int((abs(value) * scale).rounded())
  let unit = Int(scale)
  var fraction = String(scaled % unit)
  fraction = String(repeating: "0", count: digits - fraction.utf8.count) + fraction
  while fraction.last == "0" { fraction.removeLast() }
  let sign = value < 0 && scaled != 0 ? "-" : ""
  return sign + "\(scaled / unit)" + (fraction.isEmpty ? "" : ".\(fraction)")
}
