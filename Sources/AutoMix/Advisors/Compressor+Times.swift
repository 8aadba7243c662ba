// SPDX-License-Identifier: MIT
import MixCore

extension Compressor {
  private static let longestAttack = 80.0
  private static let longestRelease = 1000.0

  /// Sets attack and release by the crest factor, after Giannoulis, Massberg and Reiss, "Parameter automation in a
  /// dynamic range compressor" (JAES 61, 2013): what consists of peaks is treated quickly.
  mutating func setTimes(crestDB: Double) {
    let crest = Decibels.amplitude(crestDB)
    let attack = 2 * Self.longestAttack / (crest * crest)
    attackMilliseconds = attack.clamped(1...Self.longestAttack)
    releaseMilliseconds =
      (2 * Self.longestRelease / (crest * crest) - attack).clamped(40...Self.longestRelease)
    because["attack"] =
      "crest factor \(crestDB.short) dB: "
      + (crestDB > 14 ? "made of peaks, so quick" : "few peaks, so slow")
  }
}
