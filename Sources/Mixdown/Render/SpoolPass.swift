// SPDX-License-Identifier: MIT
import Audio
import MixCore

/// Takes a mix that waits in a spool through its last stages.
struct SpoolPass {
  let spool: SampleSpool
  let workers: Workers
  let signal: CancellationSignal

  /// Levels every block and gives it to `sink`, in order; the next block is levelled meanwhile.
  func run(
    stage: LevelStage, into sink: any BlockSink, progress: (Int) -> Void
  ) throws(MixdownError) {
    var start = 0
    var ready: AudioBuffer?
    while true {
      try signal.check()
      let next = Outcome<AudioBuffer>()
      var work: [any Piece] = []
      if let block = ready { work.append(SinkPiece(sink: sink, block: block)) }
      let begin = start
      let count = min(MixRun.blockFrames, spool.frameCount - start)
      if count > 0 {
        work.append(
          LevelPiece(spool: spool, stage: stage, start: begin, frameCount: count, outcome: next))
      }
      guard !work.isEmpty else { break }
      try workers.run(work)
      start += max(0, count)
      ready = next.value
      progress(start)
    }
    if let rest = stage.finish() { try sink.take(rest) }
  }
}

/// Reads a block from a spool and levels it.
private struct LevelPiece: Piece {
  let spool: SampleSpool
  let stage: LevelStage
  let start: Int
  let frameCount: Int
  let outcome: Outcome<AudioBuffer>

  func run() throws(MixdownError) {
    outcome.value = stage.process(try spool.read(from: start, count: frameCount))
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
    measured: MeasuringStage, workers: Workers, signal: CancellationSignal
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
      try SpoolPass(spool: spool, workers: workers, signal: signal)
        .run(stage: stage, into: meter, progress: { _ in })
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
