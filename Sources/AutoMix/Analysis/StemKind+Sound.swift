// SPDX-License-Identifier: MIT
import MixCore

extension StemKind {
  /// Guesses the kind from the sound; what the guess is worth is in Documentation/AutoMix.md.
  ///
  /// - Parameter bandPowers: (10): the mean power in each octave.
  init(features: AudioFeatures, bandPowers: [Double]) {
    let total = bandPowers.reduce(0, +)
    guard total > 0 else {
      self = .other
      return
    }
    let low = bandPowers[0...3].reduce(0, +) / total
    let spectrum = features.spectrum
    if spectrum.onsetStrength.mean > 1.1, spectrum.flatness.mean > 0.01 || low > 0.9 {
      self = low > 0.9 && spectrum.centroidHz.mean < 1500 ? .kick : .drums
    } else if low > 0.8, spectrum.centroidHz.mean < 1200 {
      self = .bass
    } else {
      self = .other
    }
  }
}
