// SPDX-License-Identifier: MIT
import Audio

/// The loop at the heart of a run: cut ahead of the workers, add behind them.
struct Pipeline {
  private struct Pass {
    let grid: SegmentGrid
    var nextIndex = 0
    var adder: OverlapAdder
  }

  private let model: any SegmentModel
  private let scale: TrackScale
  private let workers: SegmentWorkers
  private let depth: Int
  private let signal: CancellationSignal
  private var input: ModelInput
  private var output: StemOutput
  private var passes: [Pass]
  private var mean: FrameWindow  // (sources · channels), the sum over the passes
  private var inFlight: [SegmentJob] = []
  private var idle: [SegmentJob] = []

  init(
    model: any SegmentModel, grids: [SegmentGrid], scale: TrackScale, workers: SegmentWorkers,
    depth: Int, input: ModelInput, output: StemOutput, signal: CancellationSignal
  ) {
    self.model = model
    self.scale = scale
    self.workers = workers
    self.depth = depth
    self.signal = signal
    self.input = input
    self.output = output
    let rowCount = model.sources.count * model.channelCount
    passes = grids.map { Pass(grid: $0, adder: OverlapAdder(grid: $0, rowCount: rowCount)) }
    mean = FrameWindow(rowCount: rowCount)
  }

  var framesWritten: Int { output.framesWritten }

  mutating func run(meter: ProgressMeter) throws(SeparationError) {
    while true {
      while inFlight.count < depth, let job = try nextJob() {
        workers.submit(job)
        inFlight.append(job)
      }
      guard !inFlight.isEmpty else { break }
      let job = inFlight.removeFirst()
      try workers.wait(for: job, unless: signal)
      let stride = passes[job.pass].grid.strideFrames
      passes[job.pass].adder.add(job.chunk, output: job.output)
      passes[job.pass].adder.move(upTo: job.chunk.start + stride, into: &mean)
      idle.append(job)
      try write()
      meter.progress(modelFrames: mean.start, modelRate: model.sampleRate)
    }
    for pass in passes.indices {
      passes[pass].adder.move(upTo: input.end ?? 0, into: &mean)
    }
    try write()
    try output.finish(
      trackFrames: input.framesRead, takingMixtureFrom: &input)
  }

  /// Makes the job for the chunk that begins first, reading as much of the track as it needs.
  private mutating func nextJob() throws(SeparationError) -> SegmentJob? {
    try signal.check()
    while true {
      let open = passes.indices.filter { pass in
        let start = passes[pass].grid.start(of: passes[pass].nextIndex)
        return input.end.map { start < $0 } ?? true
      }
      let starts = open.map { passes[$0].grid.start(of: passes[$0].nextIndex) }
      guard let earliest = starts.indices.min(by: { starts[$0] < starts[$1] }) else { return nil }
      let pass = open[earliest]
      let grid = passes[pass].grid
      let index = passes[pass].nextIndex
      try input.read(upTo: grid.endNeeded(by: index), signal: signal)
      guard let chunk = grid.chunk(index, trackEnd: input.end) else { continue }
      let job = idle.popLast() ?? SegmentJob(model: model)
      job.pass = pass
      job.chunk = chunk
      input.copy(
        from: chunk.inputStart, count: chunk.inputFrames, audible: chunk.audibleFrames,
        scale: scale, to: job.input)
      passes[pass].nextIndex += 1
      let needed = passes.map { $0.grid.startNeeded(from: $0.nextIndex) }.min() ?? 0
      input.discard(before: min(needed, chunk.start))
      return job
    }
  }

  /// Writes the frames that every pass has given its share of.
  private mutating func write() throws(SeparationError) {
    let end = passes.map { max($0.adder.start, 0) }.min() ?? 0
    guard end > mean.start else { return }
    try output.write(
      &mean, upTo: end, passCount: passes.count, takingMixtureFrom: &input)
  }
}
