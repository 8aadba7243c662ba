// SPDX-License-Identifier: MIT

/// Measures the levels of a recording, block by block.
///
/// Memory does not grow with time, but for two numbers every 3 s. Used by one task at a time.
public final class LevelFeatureExtractor {
  private let loudness: LoudnessMeter
  private let dynamics: DynamicRangeMeter

  /// An extractor that has heard nothing.
  ///
  /// - Parameters:
  ///   - sampleRate: 8,000 to 192,000 Hz.
  ///   - channelCount: 1 or 2; with 1, only the left channel of the blocks counts, as one loudspeaker.
  ///   - absoluteGate: What is too soft to count for loudness; anything but the standard is for stems.
  public init(
    sampleRate: Double, channelCount: Int = 2,
    absoluteGate: LoudnessHistogram.AbsoluteGate = .standard
  ) {
    precondition((1...2).contains(channelCount), "levels are of one or two channels")
    loudness = LoudnessMeter(
      sampleRate: sampleRate,
      channelWeights: channelCount == 1 ? [1, 0] : LoudnessMeter.stereoWeights,
      absoluteGate: absoluteGate)
    dynamics = DynamicRangeMeter(sampleRate: sampleRate, channelCount: channelCount)
  }

  /// Listens to a block; what is not a number becomes 0 in it.
  public func process(_ block: StereoBlock) {
    block.makeFinite()
    loudness.process(block)
    dynamics.process(block)
  }

  /// The levels of everything; to be called once, at the end.
  public func finish() -> LevelFeatures {
    dynamics.finish()
    let (power, peak) = (dynamics.meanSquare, dynamics.peak)
    let rmsDB = power > 0 ? Decibels.level(power: power) : -.infinity
    let peakDB = peak > 0 ? Decibels.level(amplitude: peak) : -.infinity
    return LevelFeatures(
      rmsDB: rmsDB, samplePeakDB: peakDB, crestDB: peak > 0 ? peakDB - rmsDB : 0,
      integratedLUFS: loudness.integratedLUFS, loudnessRangeLU: loudness.rangeLU,
      levelRangeLU: loudness.levelRangeLU, dynamicRangeDB: dynamics.dynamicRangeDB)
  }
}
