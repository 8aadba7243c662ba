// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore

/// One mix, from the files of the stems to those of the mix.
///
/// Every step of the work takes the blocks in order, so the result has the same bits for any number of
/// threads.
struct MixRun {
  /// Frames that go through a step at once.
  static let blockFrames = 4_096

  let mixer: Mixer
  let files: MixFiles
  let signal: CancellationSignal
  let report: @Sendable (MixdownProgress) -> Void
  /// How long there is no second report.
  var reportInterval = Duration.milliseconds(50)

  /// Mixes; blocks until it is done.
  ///
  /// On an error or cancellation everything begun is undone before this throws.
  func run() throws(MixdownError) -> MixdownResult {
    let clock = ContinuousClock()
    let began = clock.now
    let readers = try StemReaders.open(mixer.stemPaths, signal: signal)
    let rate =
      mixer.options.sampleRate ?? readers.map(\.sourceFormat.sampleRate).max() ?? 44_100
    let expected = StemReaders.expectedFrames(
      readers, rate: rate, tailSeconds: mixer.options.tailSeconds)
    let meter = ProgressMeter(
      rate: rate, expectedFrames: expected, began: began, interval: reportInterval, send: report)
    let output = try MixOutput(files: files, plan: mixer.plan, sampleRate: rate)
    do throws(MixdownError) {
      let isMeasured =
        mixer.options.normalization == .peak
        || (mixer.options.normalization == .loudness && mixer.plan.master.loudnessLUFS != nil)
      let context = MixContext(
        readers: readers, sampleRate: rate, threads: mixer.options.jobs, output: output,
        meter: meter)
      var result = isMeasured ? try mixMeasured(context) : try mixAtOnce(context)
      result.elapsedSeconds = (clock.now - began).seconds
      meter.finish()
      return result
    } catch {
      output.cancel()
      throw error
    }
  }

  /// Mixes into a spool first, finds the gain, and takes the spool through the last stages.
  private func mixMeasured(_ context: MixContext) throws(MixdownError) -> MixdownResult {
    let spool = try SampleSpool(nextTo: files.mix)
    let measured = MeasuringStage(sampleRate: context.sampleRate)
    let first = try MixPass(run: self, context: context)
    try first.run(into: SpoolingSink(spool, measured)) { context.meter.report($0, share: 0.8) }
    measured.finish()
    let level = try LevelSearch(
      normalization: mixer.options.normalization, master: mixer.plan.master,
      sampleRate: context.sampleRate, spool: spool, measured: measured, threads: context.threads,
      signal: signal)
    let final = FinalStage(
      sampleRate: context.sampleRate, limiter: level.limiter, gainDB: level.gainDB,
      output: context.output)
    let pass = SpoolPass(spool: spool, threads: context.threads, signal: signal)
    try pass.run(stage: final.stage, into: final) {
      context.meter.report($0, from: 0.8, share: 0.2)
    }
    return try final.result(
      files: files, frameCount: spool.frameCount, signal: signal,
      warnings: first.warnings + level.warnings)
  }

  /// Mixes into the file at once.
  private func mixAtOnce(_ context: MixContext) throws(MixdownError) -> MixdownResult {
    let final = FinalStage(
      sampleRate: context.sampleRate, limiter: mixer.plan.master.limiter, gainDB: 0,
      output: context.output)
    let pass = try MixPass(run: self, context: context)
    try pass.run(into: LevellingSink(final)) { context.meter.report($0) }
    if let rest = final.stage.finish() { try final.take(rest) }
    return try final.result(
      files: files, frameCount: pass.framesDone, signal: signal, warnings: pass.warnings)
  }
}

/// What the passes of one mix share.
struct MixContext {
  let readers: [AudioReader]
  let sampleRate: Int
  /// How many threads work at the same time at most; 0 for one per core.
  let threads: Int
  let output: MixOutput
  let meter: ProgressMeter
}

/// Turns frames done into progress, not too often; used by one thread at a time.
final class ProgressMeter {
  private let rate: Int
  private let expectedFrames: Int?
  private let began: ContinuousClock.Instant
  private let interval: Duration
  private let send: @Sendable (MixdownProgress) -> Void
  private var lastSent: ContinuousClock.Instant?

  init(
    rate: Int, expectedFrames: Int?, began: ContinuousClock.Instant,
    interval: Duration = .milliseconds(50), send: @escaping @Sendable (MixdownProgress) -> Void
  ) {
    self.rate = rate
    self.expectedFrames = expectedFrames
    self.began = began
    self.interval = interval
    self.send = send
  }

  /// Reports that everything is done.
  func finish() {
    lastSent = nil
    report(expectedFrames ?? 0)
  }

  /// Reports that of the part of the work that is `share` and begins at `from`, so many frames are done.
  func report(_ frames: Int, from: Double = 0, share: Double = 1) {
    let now = ContinuousClock.now
    if let lastSent, now - lastSent < interval { return }
    lastSent = now
    let done = expectedFrames.map { min(1, Double(frames) / Double(max(1, $0))) }
    let fraction = done.map { from + share * $0 }
    let total = expectedFrames.map { Double($0) / Double(rate) }
    send(
      MixdownProgress(
        fraction: fraction,
        secondsDone: total.flatMap { total in fraction.map { $0 * total } }
          ?? Double(frames) / Double(rate),
        secondsTotal: total, elapsedSeconds: (now - began).seconds))
  }
}

extension Duration {
  /// The duration in seconds.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
