// SPDX-License-Identifier: MIT
import MixCore
import Separation

/// A finished song to learn from: its stems as they sound in it, and what its engineer did.
public struct LearningSong: Sendable {
  /// How the song is called.
  public let name: String
  /// What tells its audio from that of other songs: 64 hexadecimal digits.
  public let fingerprint: String
  /// The stems, at the levels of the song.
  public let stems: [StemAnalysis]
  /// The reverberation time of the vocals in seconds, where it could be estimated.
  public let vocalDecaySeconds: Double?

  /// The stems that can be heard.
  let audible: [StemAnalysis]
  /// Those that are sung.
  let vocals: [StemAnalysis]
  /// Those that are not.
  let backing: [StemAnalysis]
  let vocalsLUFS: Double
  let backingLUFS: Double
  /// The range of the levels of 100 ms of the vocals in LU.
  let vocalRangeLU: Double?

  /// Puts a song together.
  ///
  /// - Parameter stems: At the levels of the song, of any number and in any order.
  public init(name: String, stems: [StemAnalysis], vocalDecaySeconds: Double? = nil) {
    self.name = name
    self.stems = stems
    let digests = stems.map { stem in
      stem.features.spectrum.melSpectrogram.powers.withUnsafeBytes { SHA256.hexadecimal(of: $0) }
    }
    fingerprint = Array(digests.sorted().joined().utf8).withUnsafeBytes {
      SHA256.hexadecimal(of: $0)
    }
    self.vocalDecaySeconds = vocalDecaySeconds
    audible = stems.filter { !$0.isSilent }
    vocals = audible.filter(\.kind.isSung)
    backing = audible.filter { !$0.kind.isSung }
    vocalsLUFS = Self.loudness(vocals)
    backingLUFS = Self.loudness(backing)
    vocalRangeLU = vocals.max { $0.loudnessLUFS < $1.loudnessLUFS }?.features.levels.levelRangeLU
  }

  /// Whether there are both, so that a vocal over its backing can be learned from it.
  var hasVocalsAndBacking: Bool { vocalsLUFS.isFinite && backingLUFS.isFinite }

  /// The loudness in LUFS of a sum of stems, as if they had nothing in common; -infinity for silence.
  static func loudness(_ stems: [StemAnalysis]) -> Double {
    if let only = stems.first, stems.count == 1 { return only.loudnessLUFS }
    var sum = [Float](repeating: 0, count: stems.map(\.bands.frameCount).max() ?? 0)
    for stem in stems {
      for (frame, power) in stem.bands.weightedPowers.enumerated() { sum[frame] += power }
    }
    return BandLevels.loudness(sum)
  }
}
