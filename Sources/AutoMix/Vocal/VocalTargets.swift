// SPDX-License-Identifier: MIT
public import MixCore

/// What a vocal over a backing track is to become, whoever says so: these standards, a person, or a model.
public struct VocalTargets: Sendable, Equatable {
  /// The loudness of the processed vocal, without its reverb, minus that of the backing, in LU.
  public var loudnessLU = -3.0
  /// The range of the vocal's levels in LU: of those of 100 ms, or with ``usesLoudnessRange`` of those of 3 s.
  public var levelRangeDB = 14.0
  /// Whether ``levelRangeDB`` means the loudness range of EBU Tech 3342.
  public var usesLoudnessRange = false
  /// Bands for the vocal's equalizer, of which the first four count, with ±8 dB at most; nil to find them by
  /// what the backing covers.
  public var equalizer: [EqualizerBand]?
  /// RT60 of the room in seconds; nil to find it by the tempo.
  public var decaySeconds: Double?
  /// The loudness of a guide vocal minus that of the vocal, in LU.
  public var guideLU = -18.0
  /// Why values are as they are, by the name of the value; what has no line here has no reason in the plan.
  public var because = [
    "loudnessLU": "over finished songs, vocals stand 3.6 ± 1.3 LU under the rest (MUSDB18)",
    "levelRangeDB": "the middle of finished vocals (MUSDB18: 14.7 dB)",
    "decaySeconds": "the slower the song, the longer the room",
    "guideLU": "to be felt rather than heard",
  ]

  /// The standards.
  ///
  /// -3 LU is the proposal of Li, "Automatic vocal mixing using convolutional neural networks" (2022), who measured
  /// -3.6 LU with a deviation of 1.3 in the 50 songs of MUSDB18's test set; 14 dB is his target for compression,
  /// where the same songs have a median of 14.7 and a deviation of 3.7.
  public init() {}
}
