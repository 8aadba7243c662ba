// SPDX-License-Identifier: MIT
import MixCore

/// Features in JSON; levels of silence, and what a file does not have, are left out.
package struct FeatureReport: Encodable {
  struct Levels: Encodable {
    var rmsDB: Double?
    var samplePeakDB: Double?
    var crestDB: Double
    var integratedLUFS: Double?
    var loudnessRangeLU: Double
    var levelRangeLU: Double
    var dynamicRangeDB: Double?

    init(_ levels: LevelFeatures) {
      rmsDB = levels.rmsDB.ifFinite
      samplePeakDB = levels.samplePeakDB.ifFinite
      crestDB = levels.crestDB
      integratedLUFS = levels.integratedLUFS.ifFinite
      loudnessRangeLU = levels.loudnessRangeLU
      levelRangeLU = levels.levelRangeLU
      dynamicRangeDB = levels.dynamicRangeDB
    }
  }

  struct Summary: Encodable {
    var mean: Double
    var standardDeviation: Double

    init(_ summary: SpectralFeatures.Summary) {
      mean = summary.mean
      standardDeviation = summary.standardDeviation
    }
  }

  struct Summaries: Encodable {
    var mean: [Double]
    var standardDeviation: [Double]

    init(_ summaries: [SpectralFeatures.Summary]) {
      mean = summaries.map(\.mean)
      standardDeviation = summaries.map(\.standardDeviation)
    }
  }

  struct BeatTempo: Encodable {
    var beatsPerMinute: Double
    var refinedBeatsPerMinute: Double
    var strength: Double
    var halfTempoStrength: Double
    var doubleTempoStrength: Double

    init(_ tempo: Tempo) {
      beatsPerMinute = tempo.beatsPerMinute
      refinedBeatsPerMinute = tempo.refinedBeatsPerMinute
      strength = tempo.strength
      halfTempoStrength = tempo.halfTempoStrength
      doubleTempoStrength = tempo.doubleTempoStrength
    }
  }

  struct Key: Encodable {
    var name: String
    var tonic: String
    var mode: String
    var correlation: Double
    var secondName: String
    var secondCorrelation: Double

    init(_ estimate: KeyEstimate) {
      name = estimate.key.name
      tonic = MusicalKey.pitchClassNames[estimate.key.tonic]
      mode = estimate.key.mode.name
      correlation = estimate.correlation
      secondName = estimate.secondKey.name
      secondCorrelation = estimate.secondCorrelation
    }
  }

  /// The values of every frame; those with several values a frame are lists of frames.
  struct Frames: Encodable {
    var count: Int
    var rms: [Float]
    var zeroCrossingRate: [Float]
    var spectralCentroidHz: [Float]
    var spectralBandwidthHz: [Float]
    var spectralRollOffHz: [Float]
    var spectralFlatness: [Float]
    var spectralFlux: [Float]
    var spectralContrastDB: [[Float]]
    var mfcc: [[Float]]
    var melPowers: [[Float]]
    var onsetStrength: [Float]
    var chroma: [[Float]]

    init(_ series: SpectralSeries) {
      func rows(_ values: [Float]) -> [[Float]] {
        let width = values.count / max(1, series.frameCount)
        return (0..<series.frameCount).map { Array(values[$0 * width..<($0 + 1) * width]) }
      }
      count = series.frameCount
      rms = series.rms
      zeroCrossingRate = series.zeroCrossingRate
      spectralCentroidHz = series.centroidHz
      spectralBandwidthHz = series.bandwidthHz
      spectralRollOffHz = series.rollOffHz
      spectralFlatness = series.flatness
      spectralFlux = series.flux
      spectralContrastDB = rows(series.contrastDB)
      mfcc = rows(series.mfcc)
      melPowers = rows(series.melPowers)
      onsetStrength = series.onsetStrength
      chroma = rows(series.chroma)
    }
  }

  /// The file as it is shown.
  package var file: String
  var seconds: Double
  var sampleRate: Int
  var channels: Int
  var levels: Levels
  var frameCount: Int
  var rms: Summary
  var zeroCrossingRate: Summary
  var spectralCentroidHz: Summary
  var spectralBandwidthHz: Summary
  var spectralRollOffHz: Summary
  var spectralFlatness: Summary
  var spectralFlux: Summary
  var spectralContrastDB: Summaries
  var mfcc: Summaries
  var meanMelPowers: [Double]
  var onsetStrength: Summary
  var tempo: BeatTempo?
  var key: Key?
  var meanChroma: [Double]
  var frames: Frames?
  var warnings: [String]

  /// The report of a file.
  ///
  /// - Parameter keepsFrames: Whether to tell the values of every frame, where they were kept.
  package init(_ file: FileFeatures, keepsFrames: Bool = true) {
    let spectrum = file.features.spectrum
    self.file = file.path
    seconds = file.seconds
    sampleRate = file.sampleRate
    channels = file.channelCount
    levels = Levels(file.features.levels)
    frameCount = spectrum.frameCount
    rms = Summary(spectrum.rms)
    zeroCrossingRate = Summary(spectrum.zeroCrossingRate)
    spectralCentroidHz = Summary(spectrum.centroidHz)
    spectralBandwidthHz = Summary(spectrum.bandwidthHz)
    spectralRollOffHz = Summary(spectrum.rollOffHz)
    spectralFlatness = Summary(spectrum.flatness)
    spectralFlux = Summary(spectrum.flux)
    spectralContrastDB = Summaries(spectrum.contrastDB)
    mfcc = Summaries(spectrum.mfcc)
    meanMelPowers = spectrum.melPowers
    onsetStrength = Summary(spectrum.onsetStrength)
    tempo = spectrum.tempo.map(BeatTempo.init)
    key = spectrum.key.map(Key.init)
    meanChroma = spectrum.chroma
    frames = keepsFrames ? spectrum.series.map(Frames.init) : nil
    warnings = file.warnings
  }
}
