// SPDX-License-Identifier: MIT

/// The levels of a recording at its own sample rate, over its channels.
public struct LevelFeatures: Sendable, Equatable {
  /// The root of the mean square of all channels in dBFS, 0 for a square wave of full scale; -infinity for
  /// silence.
  public internal(set) var rmsDB: Double
  /// The largest sample in dBFS; -infinity for silence.
  public internal(set) var samplePeakDB: Double
  /// Peak over root of the mean square in dB; 0 for silence.
  public internal(set) var crestDB: Double
  /// Integrated loudness in LUFS (ITU-R BS.1770-4); -infinity for silence.
  public internal(set) var integratedLUFS: Double
  /// Loudness range in LU (EBU Tech 3342), of loudness over 3 s.
  public internal(set) var loudnessRangeLU: Double
  /// The distance of the 10th and the 95th percentile of loudness over 100 ms in LU, of what lies above the absolute gate
  /// and at most 20 LU under the mean: how far notes and words differ, where `loudnessRangeLU` speaks of parts
  /// of a song.
  public internal(set) var levelRangeLU: Double
  /// The “DR” of the Pleasurize Music Foundation in dB; nil below three blocks of 3 s and for silence.
  public internal(set) var dynamicRangeDB: Double?
}

/// Everything that is known of a recording.
public struct AudioFeatures: Sendable, Equatable {
  /// At the rate of the recording, over its channels.
  public var levels: LevelFeatures
  /// Of the mean of its channels at 22,050 Hz.
  public var spectrum: SpectralFeatures

  /// Puts them together.
  public init(levels: LevelFeatures, spectrum: SpectralFeatures) {
    self.levels = levels
    self.spectrum = spectrum
  }
}
