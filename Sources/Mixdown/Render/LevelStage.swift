// SPDX-License-Identifier: MIT
import Audio
import MixCore

/// The last gain and the limiter, with their delay taken out: what the engine does behind
/// `endsBeforeLoudness`.
final class LevelStage {
  private let gain: Fader
  private let limiter: TruePeakLimiter?
  private var framesToSkip: Int
  /// The largest gain reduction so far, in dB.
  private(set) var reductionDB = 0.0

  init(sampleRate: Int, limiter plan: Limiter?, gainDB: Double) {
    gain = Fader(sampleRate: Double(sampleRate))
    gain.set(gain: Decibels.amplitude(gainDB))
    gain.finishMoving()
    if let plan {
      let limiter = TruePeakLimiter(
        sampleRate: Double(sampleRate), maximumFrameCount: MixRun.blockFrames)
      limiter.set(plan)
      limiter.finishMoving()
      self.limiter = limiter
    } else {
      limiter = nil
    }
    framesToSkip = limiter?.latencyFrames ?? 0
  }

  /// The frames that are ready.
  func process(_ buffer: AudioBuffer) -> AudioBuffer {
    var buffer = buffer
    buffer.withStereoBlock { block in
      gain.process(block)
      block.makeFinite()
      limiter?.process(block)
    }
    if let limiter { reductionDB = max(reductionDB, limiter.reductionDB + 0) }
    let skipped = min(framesToSkip, buffer.frameCount)
    framesToSkip -= skipped
    return skipped == 0 ? buffer : buffer.frames(skipped..<buffer.frameCount)
  }

  /// The frames that the limiter still holds.
  func finish() -> AudioBuffer? {
    guard let limiter else { return nil }
    return process(AudioBuffer(channelCount: 2, frameCount: limiter.latencyFrames))
  }
}

/// The way of the master from its last gain to the file.
final class FinalStage: BlockSink {
  let stage: LevelStage
  private let gainDB: Double
  private let meter: MeasuringStage
  private let output: MixOutput

  init(sampleRate: Int, limiter: Limiter?, gainDB: Double, output: MixOutput) {
    stage = LevelStage(sampleRate: sampleRate, limiter: limiter, gainDB: gainDB)
    self.gainDB = gainDB
    self.output = output
    meter = MeasuringStage(sampleRate: sampleRate)
  }

  /// Measures and writes a finished block.
  func take(_ block: AudioBuffer) throws(MixdownError) {
    guard block.frameCount > 0 else { return }
    meter.listen(block)
    try output.write(block)
  }

  /// Completes the files.
  func result(
    files: MixFiles, frameCount: Int, signal: CancellationSignal, warnings: [String]
  ) throws(MixdownError) -> MixdownResult {
    meter.finish()
    let stems = try output.finish(signal: signal)
    var warnings = warnings
    if output.clippedSampleCount > 0 {
      warnings.append(
        "\(files.mix): \(output.clippedSampleCount) samples were beyond full scale and were "
          + "clipped; turn the mix down, limit it, or write 32-bit floats.")
    }
    return MixdownResult(
      path: files.mix, stems: stems, sampleRate: output.sampleRate, frameCount: frameCount,
      gainDB: gainDB, levels: meter.levels, limiterReductionDB: stage.reductionDB,
      warnings: warnings)
  }
}

/// Levels what comes and hands it on at once.
final class LevellingSink: BlockSink {
  private let final: FinalStage

  init(_ final: FinalStage) { self.final = final }

  func take(_ block: AudioBuffer) throws(MixdownError) {
    try final.take(final.stage.process(block))
  }
}

/// Measures what comes and keeps it.
final class SpoolingSink: BlockSink {
  private let spool: SampleSpool
  private let meter: MeasuringStage

  init(_ spool: SampleSpool, _ meter: MeasuringStage) {
    self.spool = spool
    self.meter = meter
  }

  func take(_ block: AudioBuffer) throws(MixdownError) {
    meter.listen(block)
    try spool.write(block)
  }
}
