// SPDX-License-Identifier: MIT
import Foundation
import MixCore

/// Changes to finished vocals that a network learns to undo, on their mel bands.
enum Undoing {
  /// (64): the curve of an equalizer in dB at the middles of the mel bands.
  ///
  /// - Parameter gainsDB: (8): of bells with a quality of 1 in the bands of ``VocalAspect/bandsHz``.
  static func equalizer(_ gainsDB: [Double]) -> [Float] {
    var curve = [Float](repeating: 0, count: MelImage.height)
    for (frequency, gain) in zip(VocalAspect.bandsHz, gainsDB) where gain != 0 {
      let bell = BiquadCoefficients.bell(
        frequency: frequency, gainDB: gain, q: 1, sampleRate: 48_000)
      for (band, centre) in MelSpectrogram.centresHz.enumerated() {
        let magnitude = bell.magnitude(frequency: centre, sampleRate: 48_000)
        curve[band] += Float(Decibels.level(amplitude: magnitude))
      }
    }
    return curve
  }

  /// Four of the eight bands, by up to 15 dB either way, as in Li (2022).
  static func randomGains(_ generator: inout some RandomNumberGenerator) -> [Double] {
    var gains = [Double](repeating: 0, count: VocalAspect.bandsHz.count)
    for band in gains.indices.shuffled(using: &generator).prefix(4) {
      gains[band] = Double.random(in: -15...15, using: &generator)
    }
    return gains
  }

  /// The curve, moved so that what has this spectrum, (64), is as loud as before.
  static func keepingLoudness(_ bandsDB: [Float], of spectrum: [Float]) -> [Float] {
    let before = spectrum.reduce(0, +)
    let after = zip(spectrum, bandsDB).reduce(Float(0)) { $0 + $1.0 * pow(10, $1.1 / 10) }
    guard before > 0, after > 0 else { return bandsDB }
    let shift = 10 * log10(before / after)
    return bandsDB.map { $0 + shift }
  }

  /// (frames): what makes the range of the levels `factor` times as wide at the same mean power, as if a compressor
  /// were taken back, in dB.
  static func expansion(_ powers: [Float], factor: Float) -> [Float] {
    let mean = powers.reduce(0, +) / Float(max(1, powers.count))
    guard mean > 0 else { return powers.map { _ in 0 } }
    let changes = powers.map { power in
      // What is silent is not turned down for ever.
      (factor - 1) * max(-40, 10 * log10(max(power, 1e-30) / mean))
    }
    let after = zip(powers, changes).reduce(Float(0)) { $0 + $1.0 * pow(10, $1.1 / 10) }
    let shift = 10 * log10(mean * Float(powers.count) / max(after, 1e-30))
    return changes.map { $0 + shift }
  }

  /// The changes of a block of frames; nothing behind the end.
  static func block(_ framesDB: [Float], from frame: Int) -> [Float] {
    (frame..<frame + MelImage.width).map { $0 < framesDB.count ? framesDB[$0] : 0 }
  }
}
