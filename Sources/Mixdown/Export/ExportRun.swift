// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore

/// One export, from the files of the stems to those of the export.
///
/// The stems go through the mixer once, into files without names; then the level of the mix is found; then
/// everything is written.
struct ExportRun {
  /// The parts of the work, of 1, that are done after rendering and after levelling.
  static let rendered = 0.5
  static let levelled = 0.65

  let exporter: SessionExporter
  let path: String
  let signal: CancellationSignal
  let report: @Sendable (MixdownProgress) -> Void

  /// Exports; blocks until it is done.
  func run() throws(MixdownError) -> SessionExport {
    let began = ContinuousClock.now
    let isFolder = exporter.format == .reaper || exporter.format == .bwf
    let place = try ExportPlace(
      path: path, isFolder: isFolder, dropping: exporter.format == .reaper ? ".rpp" : nil)
    let readers = try StemReaders.open(exporter.stemPaths, signal: signal)
    let rate = sampleRate(readers)
    let threads = exporter.options.mix.jobs
    let meter = ProgressMeter(
      rate: rate,
      expectedFrames: StemReaders.expectedFrames(
        readers, rate: rate, tailSeconds: exporter.options.mix.tailSeconds),
      began: began, send: report)
    let render = try SessionRender(
      plan: exporter.plan, readers: readers, sampleRate: rate,
      tailSeconds: exporter.options.mix.tailSeconds, taps: taps, threads: threads, signal: signal,
      spoolsNextTo: place.path)
    try render.run { meter.report($0, share: Self.rendered) }
    let mix = try LevelledMix(
      render: render, plan: exporter.plan, options: exporter.options.mix, sampleRate: rate,
      isNeeded: !isSession, threads: threads, signal: signal, spoolNextTo: place.path)
    meter.report(render.master.frameCount, from: Self.levelled, share: 0)
    let work = ExportWriter(
      exporter: exporter, place: place, render: render, mix: mix, sampleRate: rate, signal: signal
    ) { done in
      meter.report(
        Int(done * Double(render.master.frameCount)), from: Self.levelled,
        share: 1 - Self.levelled)
    }
    do throws(MixdownError) {
      var export = try work.run()
      export.warnings = render.warnings + mix.warnings + export.warnings
      export.elapsedSeconds = (ContinuousClock.now - began).seconds
      return export
    } catch {
      place.cancel()
      throw error
    }
  }

  private var isSession: Bool {
    exporter.format == .dawproject || exporter.format == .reaper
  }

  /// What of the way through the mixer is kept.
  private var taps: SessionRender.Taps {
    let reverb: SessionRender.Taps = exporter.plan.hasSends ? .reverb : []
    switch exporter.format {
    case .dawproject: return reverb.union(exporter.options.isProcessed ? .processed : .sources)
    case .reaper: return reverb.union(exporter.options.isProcessed ? .processed : .preFader)
    case .stemMP4: return .withOwnReverb
    case .bwf: return reverb.union(.processed)
    }
  }

  private func sampleRate(_ readers: [AudioReader]) -> Int {
    let rate =
      exporter.options.mix.sampleRate ?? readers.map(\.sourceFormat.sampleRate).max() ?? 44_100
    return exporter.format == .stemMP4 ? StemFile.sampleRate(for: rate) : rate
  }
}

/// The mix at its level.
struct LevelledMix {
  /// The gain that brings it there, in dB.
  let gainDB: Double
  let limiter: Limiter?
  /// The finished mix, where it is needed.
  let spool: SampleSpool?
  let warnings: [String]

  init(
    render: SessionRender, plan: MixPlan, options: Mixer.Options, sampleRate: Int,
    isNeeded: Bool, threads: Int, signal: CancellationSignal, spoolNextTo path: String
  ) throws(MixdownError) {
    var master = plan.master
    if options.normalization == .none { master.loudnessLUFS = nil }
    let level = try LevelSearch(
      normalization: options.normalization, master: master, sampleRate: sampleRate,
      spool: render.master, measured: render.measured, threads: threads, signal: signal)
    gainDB = level.gainDB
    limiter = level.limiter
    warnings = level.warnings
    guard isNeeded else {
      spool = nil
      return
    }
    let finished = try SampleSpool(nextTo: path)
    let stage = LevelStage(sampleRate: sampleRate, limiter: limiter, gainDB: gainDB)
    try LevelledMix.rewrite(render.master, through: stage, to: finished, signal: signal)
    spool = finished
  }

  /// Takes a spool through a stage.
  ///
  /// The stage holds its first frames back, so that blocks are put together
  /// anew: a spool is read in the blocks that it was written in.
  private static func rewrite(
    _ source: SampleSpool, through stage: LevelStage, to output: SampleSpool,
    signal: CancellationSignal
  ) throws(MixdownError) {
    var pending = AudioBuffer(channelCount: 2, frameCount: 0)
    func take(_ block: AudioBuffer) throws(MixdownError) {
      pending = .joining([pending, block], channelCount: 2)
      while pending.frameCount >= MixRun.blockFrames {
        try output.write(pending.frames(0..<MixRun.blockFrames))
        pending = pending.frames(MixRun.blockFrames..<pending.frameCount)
      }
    }
    var start = 0
    while start < source.frameCount {
      try signal.check()
      let count = min(MixRun.blockFrames, source.frameCount - start)
      try take(stage.process(try source.read(from: start, count: count)))
      start += count
    }
    if let rest = stage.finish() { try take(rest) }
    if pending.frameCount > 0 { try output.write(pending) }
  }
}
