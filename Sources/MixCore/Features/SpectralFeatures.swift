// SPDX-License-Identifier: MIT

/// What the spectrum of a recording is like, as librosa 0.11 computes it from mono at 22,050 Hz with its
/// defaults: frames of 2048 samples under a Hann window, 512 apart, centred, with silence around.
public struct SpectralFeatures: Sendable, Equatable {
  /// A value that changes from frame to frame.
  public struct Summary: Sendable, Equatable {
    /// The mean of all frames.
    public var mean: Double
    /// The root of the mean squared distance from the mean.
    public var standardDeviation: Double

    /// Makes a summary.
    public init(mean: Double, standardDeviation: Double) {
      self.mean = mean
      self.standardDeviation = standardDeviation
    }

    /// The summary of every `step`th value from `start`.
    init(_ values: [Float], from start: Int = 0, step: Int = 1) {
      var (sum, count) = (0.0, 0.0)
      for index in stride(from: start, to: values.count, by: step) {
        sum += Double(values[index])
        count += 1
      }
      mean = sum / max(1, count)
      var squares = 0.0
      for index in stride(from: start, to: values.count, by: step) {
        let distance = Double(values[index]) - mean
        squares += distance * distance
      }
      standardDeviation = (squares / max(1, count)).squareRoot()
    }
  }

  /// A band of the spectral contrast.
  public struct Band: Sendable, Equatable {
    /// The lower edge in Hz.
    public var lowestHz: Double
    /// The upper edge in Hz.
    public var highestHz: Double
  }

  /// (7): the bands of ``contrastDB``, 0 to 200 Hz and the octaves from there.
  public static let contrastBands = (0..<SpectralContrast.bandCount).map { index in
    let highest = 200 * Double(1 << index)
    return Band(
      lowestHz: index == 0 ? 0 : highest / 2,
      highestHz: min(highest, Double(SpectralFeatureExtractor.sampleRate) / 2))
  }

  /// The number of frames: 1 more than there are whole hops in the recording, 0 for one without samples.
  public internal(set) var frameCount: Int
  /// The root of the mean square, 1 for a square wave of full scale (`feature.rms`).
  public internal(set) var rms: Summary
  /// The share of neighbouring samples between which the sign changes (`feature.zero_crossing_rate`).
  public internal(set) var zeroCrossingRate: Summary
  /// The mean frequency, weighted by magnitude (`feature.spectral_centroid`).
  public internal(set) var centroidHz: Summary
  /// The spread around the centroid (`feature.spectral_bandwidth`, p = 2).
  public internal(set) var bandwidthHz: Summary
  /// The frequency below which 85 % of the magnitude lies (`feature.spectral_rolloff`).
  public internal(set) var rollOffHz: Summary
  /// Geometric over arithmetic mean of the powers (`feature.spectral_flatness`).
  public internal(set) var flatness: Summary
  /// How much the magnitudes change from frame to frame: the root of the summed squared differences over the
  /// number of bins (Lerch 2012, equation 3.25); it grows with the level.
  public internal(set) var flux: Summary
  /// (7): peaks over valleys in dB, of ``contrastBands`` (`feature.spectral_contrast`).
  public internal(set) var contrastDB: [Summary]
  /// (13): mel-frequency cepstral coefficients (`feature.mfcc`).
  public internal(set) var mfcc: [Summary]
  /// (128): the mean of the mel spectrogram over all frames, a power (`feature.melspectrogram`).
  public internal(set) var melPowers: [Double]
  /// The mel spectrogram in coarse steps.
  public internal(set) var melSpectrogram: MelSpectrogram
  /// The mean rise of the mel bands in dB (`onset.onset_strength`).
  public internal(set) var onsetStrength: Summary
  /// Nil where nothing repeats.
  public internal(set) var tempo: Tempo?
  /// (12): the mean chroma from C (`feature.chroma_stft` with tuning 0, A4 = 440 Hz).
  public internal(set) var chroma: [Double]
  /// Nil for silence.
  public internal(set) var key: KeyEstimate?
  /// The values of every frame, where they were asked for.
  public internal(set) var series: SpectralSeries?

  /// Forgets the values of every frame.
  public mutating func dropSeries() { series = nil }
}
