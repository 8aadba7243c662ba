// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

/// What librosa, pyloudnorm and NumPy say; see Tests/Fixtures/make_feature_fixtures.py.
struct FeatureFixtures: Decodable {
  struct Spectral: Decodable {
    var frameCount: Int
    /// Of the series every `stride`th frame is here, of the mel spectrogram every 16th of these.
    var stride: Int
    var tempo: Double
    var mean: [String: [Double]]
    var standardDeviation: [String: [Double]]
    var series: [String: [Double]]
  }

  struct Key: Decodable {
    var timbre: String
    var mode: String
    var tonic: Int
    var correlation: Double
    var secondCorrelation: Double
  }

  struct Tempo: Decodable {
    var clicksPerMinute: Double
    var beatsPerMinute: Double
  }

  struct Levels: Decodable {
    var rmsDB: Double
    var samplePeakDB: Double
    var crestDB: Double
    var integratedLUFS: Double
    var pyloudnormDefaultLUFS: Double
    var levelRangeLU: Double
    var dynamicRangeDB: Double
  }

  var spectral: [String: Spectral]
  var keys: [Key]
  var tempi: [Tempo]
  var levels: [String: Levels]

  static func load() throws -> FeatureFixtures {
    let file = try #require(
      Bundle.module.url(forResource: "features", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(FeatureFixtures.self, from: Data(contentsOf: file))
  }
}

extension SpectralFeatures {
  /// The features of samples that come in blocks of `size`.
  static func of(_ samples: [Float], size: Int = 4096, keepsSeries: Bool = true)
    -> SpectralFeatures
  {
    let extractor = SpectralFeatureExtractor(keepsSeries: keepsSeries)
    samples.withUnsafeBufferPointer { samples in
      var start = 0
      while start < samples.count {
        let end = min(samples.count, start + size)
        extractor.process(UnsafeBufferPointer(rebasing: samples[start..<end]))
        start = end
      }
    }
    return extractor.finish()
  }

  /// The summaries by the names of the fixtures.
  var summaries: [String: [Summary]] {
    [
      "rms": [rms], "zeroCrossingRate": [zeroCrossingRate], "centroidHz": [centroidHz],
      "bandwidthHz": [bandwidthHz], "rollOffHz": [rollOffHz], "flatness": [flatness],
      "flux": [flux], "contrastDB": contrastDB, "mfcc": mfcc, "onsetStrength": [onsetStrength],
    ]
  }
}

extension SpectralSeries {
  /// The series by the names of the fixtures, with how many values a frame has.
  var all: [String: (values: [Float], width: Int)] {
    [
      "rms": (rms, 1), "zeroCrossingRate": (zeroCrossingRate, 1), "centroidHz": (centroidHz, 1),
      "bandwidthHz": (bandwidthHz, 1), "rollOffHz": (rollOffHz, 1), "flatness": (flatness, 1),
      "flux": (flux, 1), "contrastDB": (contrastDB, 7), "mfcc": (mfcc, 13),
      "melPowers": (melPowers, 128), "onsetStrength": (onsetStrength, 1), "chroma": (chroma, 12),
    ]
  }
}
