// SPDX-License-Identifier: MIT

/// The values of every frame.
///
/// Frame t is centred on sample 512 t at 22,050 Hz.
public struct SpectralSeries: Sendable, Equatable {
  /// The number of frames.
  public internal(set) var frameCount = 0
  /// (frames): the root of the mean square.
  public internal(set) var rms: [Float] = []
  /// (frames): the share of neighbouring samples between which the sign changes.
  public internal(set) var zeroCrossingRate: [Float] = []
  /// (frames) in Hz.
  public internal(set) var centroidHz: [Float] = []
  /// (frames) in Hz.
  public internal(set) var bandwidthHz: [Float] = []
  /// (frames) in Hz.
  public internal(set) var rollOffHz: [Float] = []
  /// (frames), 0 to 1.
  public internal(set) var flatness: [Float] = []
  /// (frames).
  public internal(set) var flux: [Float] = []
  /// (frames, 7) in dB.
  public internal(set) var contrastDB: [Float] = []
  /// (frames, 128): the mel spectrogram, a power.
  public internal(set) var melPowers: [Float] = []
  /// (frames, 13).
  public internal(set) var mfcc: [Float] = []
  /// (frames).
  public internal(set) var onsetStrength: [Float] = []
  /// (frames, 12) from C.
  public internal(set) var chroma: [Float] = []
}
