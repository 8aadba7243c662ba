// SPDX-License-Identifier: MIT
import MixCore

/// Finds an expander that lowers the pauses of a take and leaves the singing alone.
enum VocalGate {
  private static let rangeDB = 10.0
  /// How far the threshold lies over the pauses, and how far at least under the singing, in dB.
  private static let distance = (pauses: 2.0, singing: 3.0)

  /// The expander; nil where soft singing is no louder than the pauses.
  ///
  /// - Parameters:
  ///   - peaksDB: The largest peak of every tenth of a second, in dBFS.
  ///   - activity: When there is singing.
  static func gate(peaksDB: [Double], activity: VoiceActivity) -> Gate? {
    var (pauses, singing): ([Double], [Double]) = ([], [])
    for (peak, isSinging) in zip(peaksDB, activity.frames) where peak > -120 {
      if isSinging { singing.append(peak) } else { pauses.append(peak) }
    }
    guard pauses.count >= 5, singing.count >= 5 else { return nil }
    pauses.sort()
    singing.sort()
    let threshold = pauses[pauses.count * 95 / 100] + distance.pauses
    guard threshold <= singing[singing.count / 20] - distance.singing else { return nil }
    var gate = Gate()
    gate.thresholdDB = ((threshold * 10).rounded() / 10).clamped(Gate.threshold.range)
    gate.ratio = 3
    gate.rangeDB = rangeDB
    gate.attackMilliseconds = 1
    gate.holdMilliseconds = 200
    gate.releaseMilliseconds = 150
    let what =
      activity.background.bleed
      ? activity.background.noise ? "noise and the backing are" : "the backing is" : "noise is"
    gate.because["threshold"] =
      "\(what) heard in the pauses; the compressor would bring them up"
    return gate
  }
}
