// SPDX-License-Identifier: MIT

/// How much brighter an equalizer makes a track: the mean of its gain at 2, 4, 8 and 16 kHz less
/// that at 62.5, 125, 250 and 500 Hz, in dB.
enum SpectralTilt {
  private static let low = [62.5, 125, 250, 500]
  private static let high = [2000.0, 4000, 8000, 16_000]
  private static let sampleRate = 48_000.0

  static func tiltDB(of bands: [EqualizerBand]) -> Double {
    var tilt = 0.0
    for band in bands {
      let filter = band.coefficients(sampleRate: sampleRate)
      func mean(_ frequencies: [Double]) -> Double {
        var sum = 0.0
        for frequency in frequencies {
          let gain = filter.magnitude(frequency: frequency, sampleRate: sampleRate)
          // A notch is silent at one frequency, which says nothing of a tilt.
          sum += max(Decibels.level(amplitude: gain), -24)
        }
        return sum / Double(frequencies.count)
      }
      tilt += mean(high) - mean(low)
    }
    return tilt
  }

  /// Two shelves at 1 kHz that tilt by as much.
  static func bands(tiltDB: Double) -> [EqualizerBand] {
    func shelves(_ gainDB: Double) -> [EqualizerBand] {
      [
        EqualizerBand(.lowShelf, frequencyHz: 1000, gainDB: -gainDB, q: 0.5),
        EqualizerBand(.highShelf, frequencyHz: 1000, gainDB: gainDB, q: 0.5),
      ]
    }
    let unit = Self.tiltDB(of: shelves(tiltDB / 2))
    let gain = unit == 0 ? 0 : tiltDB / 2 * tiltDB / unit
    return shelves((gain * 100).rounded() / 100)
  }
}
