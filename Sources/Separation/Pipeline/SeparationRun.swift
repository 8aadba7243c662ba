// SPDX-License-Identifier: MIT
import Audio

/// One separation of one track, from the file to the sink, in memory that does not depend on the
/// track's length.
///
/// One thread (the one that calls `run`) reads, cuts, adds and writes, always in the order of the
/// track; the workers only run the model. So the result has the same bits for any number of them.
struct SeparationRun {
  let models: ModelPair
  let options: Separator.Options
  let source: TrackSource
  let makeSink: @Sendable (TrackLayout, CancellationSignal) throws(SeparationError) -> any StemSink
  let signal: CancellationSignal
  let report: @Sendable (SeparationProgress) -> Void

  /// Separates the track; blocks until it is done.
  ///
  /// On an error or cancellation everything begun is undone before this throws.
  func run() throws(SeparationError) -> SeparatedTrack {
    let reader = try source.open(signal: signal)
    let outputRate = options.sampleRate ?? reader.sampleRate
    let meter = ProgressMeter(
      sampleRate: reader.sampleRate, frameCount: reader.frameCount, report: report)
    let modelFrames = reader.frameCount.map {
      Resampler.outputLength($0, inputRate: reader.sampleRate, outputRate: models.sampleRate)
    }
    let grids = options.grids(for: models.single)
    let chunkCount = modelFrames.map { frames in
      grids.reduce(0) { $0 + $1.chunkCount(trackFrames: frames) }
    }
    let model = try models.model(chunkCount: chunkCount)
    let scale =
      model.normalizesTrack
      ? try TrackScale.measure(source, modelRate: model.sampleRate, signal: signal) : .identity

    let sink = try makeSink(
      TrackLayout(
        sources: model.sources, channelCount: model.channelCount, sampleRate: outputRate), signal)
    do throws(SeparationError) {
      let model = try model.restricted(to: sink.neededSources)
      let (workerCount, threads) = options.workers(for: model, chunkCount: chunkCount)
      let workers = SegmentWorkers(model: model, count: workerCount, threadsPerWorker: threads)
      signal.onCancel { workers.close() }
      defer { workers.close() }
      let input = try ModelInput(
        reader: reader, modelRate: model.sampleRate,
        mixtureRate: sink.needsMixture ? outputRate : nil)
      let output = try StemOutput(
        model: model, scale: scale, outputRate: outputRate, trackRate: reader.sampleRate,
        sink: sink, signal: signal)
      var pipeline = Pipeline(
        model: model, grids: grids, scale: scale, workers: workers,
        depth: workerCount + (threads > 1 ? 1 : 2), input: input, output: output, signal: signal)
      try pipeline.run(meter: meter)
      let files = try sink.finish()
      return meter.finish(
        SeparatedTrack(
          sampleRate: outputRate, frameCount: pipeline.framesWritten, stems: files.stems,
          files: files.paths, warnings: reader.warnings + files.warnings))
    } catch {
      sink.cancel()
      throw error
    }
  }
}
