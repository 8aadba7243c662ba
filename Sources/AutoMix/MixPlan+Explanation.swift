// SPDX-License-Identifier: MIT
public import MixCore

extension MixPlan {
  /// What a reason ends with where a target could not be had.
  static let notReachable = "not reachable"

  /// The lines of ``explanation`` about targets that could not be had.
  public var shortfalls: [String] { explanation.filter { $0.contains(Self.notReachable) } }

  /// Every decision that has a reason, with it: a line each, under the name of what it is about.
  public var explanation: [String] {
    var lines: [String] = []
    func add(_ place: String, _ reasons: Reasons, _ values: [String: String]) {
      for line in reasons.lines {
        let value = values[line.key].map { " \($0)" } ?? ""
        lines.append("\(place): \(line.key)\(value): \(line.text)")
      }
    }
    for track in tracks {
      let name = track.name
      add(
        name, track.because,
        [
          "gain": "\(track.gainDB.signed) dB", "pan": "\(track.pan)",
          "reverbSend": track.reverbSendDB.map { "\($0.signed) dB" } ?? "none",
        ])
      if let highPass = track.highPass {
        add(
          "\(name), high-pass", highPass.because, ["frequency": "\(highPass.frequencyHz.short) Hz"])
      }
      if let gate = track.gate {
        add("\(name), gate", gate.because, ["threshold": "\(gate.thresholdDB.short) dB"])
      }
      for band in track.equalizer {
        add("\(name), equalizer", band.because, ["gain": "\(band.gainDB.signed) dB"])
      }
      if let deEsser = track.deEsser {
        add("\(name), de-esser", deEsser.because, ["threshold": "\(deEsser.thresholdDB.short) dB"])
      }
      if let compressor = track.compressor {
        add(
          "\(name), compressor", compressor.because,
          [
            "threshold": "\(compressor.thresholdDB.short) dB, ratio \(compressor.ratio.short)",
            "attack": "\(compressor.attackMilliseconds.short) ms, release "
              + "\(compressor.releaseMilliseconds.short) ms",
            "makeup": "\(compressor.makeupDB.signed) dB",
          ])
      }
    }
    if let reverb {
      add(
        "reverb", reverb.because,
        [
          "decayLow": "\(reverb.decayLowSeconds.short) s",
          "decayMid": "\(reverb.decayMidSeconds.short) s",
          "decayHigh": "\(reverb.decayHighSeconds.short) s",
          "preDelay": "\(reverb.preDelayMilliseconds.short) ms",
        ])
      if let highPass = reverb.highPass {
        add(
          "reverb, high-pass", highPass.because,
          ["frequency": "\(highPass.frequencyHz.short) Hz"])
      }
    }
    add(
      "master", master.because, ["loudness": master.loudnessLUFS.map { "\($0.short) LUFS" } ?? ""])
    if let limiter = master.limiter {
      add("master, limiter", limiter.because, ["ceiling": "\(limiter.ceilingDB.short) dBTP"])
    }
    return lines
  }
}
