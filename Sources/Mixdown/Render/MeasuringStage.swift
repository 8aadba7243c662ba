// SPDX-License-Identifier: MIT
import Audio
import MixCore

/// Measures what goes by.
final class MeasuringStage: BlockSink {
  private let loudness: LoudnessMeter
  private let truePeak = TruePeakMeter(maximumFrameCount: MixRun.blockFrames)
  private(set) var samplePeak: Float = 0

  init(sampleRate: Int) { loudness = LoudnessMeter(sampleRate: Double(sampleRate)) }

  func take(_ block: AudioBuffer) { listen(block) }

  /// Listens to a block of at most `MixRun.blockFrames` frames.
  func listen(_ buffer: AudioBuffer) {
    var buffer = buffer
    buffer.withStereoBlock { block in
      loudness.process(block)
      truePeak.process(block)
    }
    samplePeak = max(samplePeak, buffer.peak)
  }

  /// To be called at the end.
  func finish() { truePeak.finish() }

  var truePeakAmplitude: Double { Double(max(truePeak.peak, samplePeak)) }

  var levels: MixdownLevels {
    MixdownLevels(
      integratedLUFS: loudness.integratedLUFS, rangeLU: loudness.rangeLU,
      truePeakDB: truePeakAmplitude > 0
        ? Decibels.level(amplitude: truePeakAmplitude) : -.infinity,
      samplePeakDB: samplePeak > 0
        ? Decibels.level(amplitude: Double(samplePeak)) : -.infinity)
  }
}
