// SPDX-License-Identifier: MIT
import Audio
import MixCore

/// Takes a mix that waits in a spool through its last stages.
struct SpoolPass {
  let spool: SampleSpool
  let threads: Int
  let signal: CancellationSignal

  /// What levelling leaves for the sink.
  private final class Place {
    var levelled: AudioBuffer?
  }

  /// Levels every block and gives it to `sink`, in order; the next block is levelled meanwhile.
  func run(
    stage: LevelStage, into sink: any BlockSink,
    progress: @escaping (_ framesDone: Int) -> Void = { _ in }
  ) throws(MixdownError) {
    let places = (0..<Pipeline.depth).map { _ in Place() }
    let count = (spool.frameCount + MixRun.blockFrames - 1) / MixRun.blockFrames
    var pipeline = Pipeline()
    let level = pipeline.add { block throws(MixdownError) in
      let start = block * MixRun.blockFrames
      let frames = min(MixRun.blockFrames, spool.frameCount - start)
      places[block % Pipeline.depth].levelled = stage.process(
        try spool.read(from: start, count: frames))
    }
    pipeline.add(after: [level]) { block throws(MixdownError) in
      guard let ready = places[block % Pipeline.depth].levelled else { return }
      try sink.take(ready)
      progress(min(spool.frameCount, (block + 1) * MixRun.blockFrames))
    }
    try pipeline.run(threads: threads, signal: signal) { count }
    if let rest = stage.finish() { try sink.take(rest) }
  }
}

/// Finds the gain that brings a mix to its level.
struct LevelSearch {
  /// How near the loudness has to come, in LU.
  static let tolerance = 0.05
  private static let maximumPasses = 6

  let limiter: Limiter?
  private(set) var gainDB = 0.0
  private(set) var warnings: [String] = []

  /// - Parameter measured: What the mix measures before its last gain.
  init(
    normalization: Mixer.Normalization, master: Master, sampleRate: Int, spool: SampleSpool,
    measured: MeasuringStage, threads: Int, signal: CancellationSignal
  ) throws(MixdownError) {
    limiter = normalization == .peak ? nil : master.limiter
    if normalization == .peak {
      if measured.samplePeak > 0 {
        gainDB = -Decibels.level(amplitude: Double(measured.samplePeak))
      }
      return
    }
    guard let target = master.loudnessLUFS else { return }
    let loudness = measured.levels.integratedLUFS
    guard loudness.isFinite else {
      warnings.append("The mix is silent, so its loudness stays as it is.")
      return
    }
    gainDB = target - loudness
    // Below the ceiling the limiter does nothing, and loudness follows the gain exactly.
    guard let limiter,
      Decibels.level(amplitude: measured.truePeakAmplitude) + gainDB > limiter.ceilingDB - 0.001
    else { return }
    let first = gainDB
    var reached = -Double.infinity
    for _ in 0..<Self.maximumPasses {
      let stage = LevelStage(sampleRate: sampleRate, limiter: limiter, gainDB: gainDB)
      let meter = MeasuringStage(sampleRate: sampleRate)
      try SpoolPass(spool: spool, threads: threads, signal: signal)
        .run(stage: stage, into: meter)
      reached = meter.levels.integratedLUFS
      if abs(target - reached) <= Self.tolerance { return }
      gainDB = min(gainDB + (target - reached), first + 12)
    }
    if target - reached > 0.5 {
      warnings.append(
        "The mix does not get louder than about \(reached.rounded(digits: 1)) LUFS under its "
          + "ceiling; lower the target, or compress the mix.")
    }
  }
}

extension Double {
  /// The value with so many digits behind the point.
  func rounded(digits: Int) -> Double {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    return (self * scale).rounded() / scale
  }
}
