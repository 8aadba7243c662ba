// SPDX-License-Identifier: MIT
import Audio
import MixCore

/// Takes all stems through the engine once, up to the loudness gain.
final class MixPass {
  private let inputs: [StemInput]
  private let engine: MixEngine
  private let workers: Workers
  private let signal: CancellationSignal
  private let output: MixOutput
  private let tailFrames: Int
  /// The frames mixed so far.
  private(set) var framesDone = 0

  init(run: MixRun, context: MixContext) throws(MixdownError) {
    let sampleRate = context.sampleRate
    var inputs: [StemInput] = []
    for reader in context.readers {
      inputs.append(try StemInput(reader: reader, sampleRate: sampleRate))
    }
    self.inputs = inputs
    workers = context.workers
    output = context.output
    signal = run.signal
    tailFrames = Int(run.mixer.options.tailSeconds * Double(sampleRate))
    do {
      engine = try MixEngine(
        plan: run.mixer.plan, sampleRate: Double(sampleRate),
        maximumFrameCount: MixRun.blockFrames, slotCount: 2, endsBeforeLoudness: true)
    } catch {
      throw MixdownError(code: .invalidOption, message: "The mix cannot be made: \(error).")
    }
  }

  /// What was odd about the stems.
  var warnings: [String] { inputs.flatMap(\.warnings) }

  /// A block between its last steps.
  fileprivate struct Finished {
    var master: AudioBuffer
    var parts: [AudioBuffer]
  }

  /// Mixes everything; `sink` gets the blocks in order.
  func run(into sink: any BlockSink, progress: (Int) -> Void) throws(MixdownError) {
    var counts: [Int] = []  // frames by block
    var finished: Finished?
    var isAtEnd = false
    var step = 0
    var tailLeft = tailFrames
    while true {
      try signal.check()
      var work: [any Piece] = []
      // Block step - 3 is written, step - 2 is summed up, step - 1 goes through the tracks, and
      // block step is read.
      if let block = finished {
        work.append(SinkPiece(sink: sink, block: block.master))
        for (part, block) in zip(output.parts, block.parts) {
          work.append(SinkPiece(sink: part, block: block))
        }
      }
      let next = Outcome<Finished>()
      if step >= 2, counts[step - 2] > 0 {
        work.append(
          FinishPiece(pass: self, frameCount: counts[step - 2], slot: step & 1, outcome: next))
      }
      if step >= 1, counts[step - 1] > 0 {
        for index in inputs.indices {
          work.append(
            TrackPiece(
              engine: engine, track: index, frameCount: counts[step - 1], slot: (step - 1) & 1))
        }
      }
      if !isAtEnd {
        for (index, input) in inputs.enumerated() {
          work.append(ReadPiece(engine: engine, input: input, track: index, slot: step & 1))
        }
      }
      guard !work.isEmpty else { return }
      try workers.run(work)
      if !isAtEnd {
        var count = inputs.map(\.framesFound).max() ?? 0
        if count < MixRun.blockFrames {
          let more = min(tailLeft, MixRun.blockFrames - count)
          tailLeft -= more
          count += more
          isAtEnd = count < MixRun.blockFrames
        }
        counts.append(count)
      } else {
        counts.append(0)
      }
      if let finished {
        framesDone += finished.master.frameCount
        progress(framesDone)
      }
      finished = next.value
      step += 1
    }
  }

  fileprivate func finish(_ count: Int, slot: Int) -> Finished {
    engine.finish(frameCount: count, slot: slot)
    func copy(_ block: StereoBlock) -> AudioBuffer {
      AudioBuffer(block.slice(from: 0, count: count))
    }
    var parts: [AudioBuffer] = []
    if output.wantsParts {
      parts = inputs.indices.map { copy(engine.track($0, slot: slot)) }
      if output.hasReverb { parts.append(copy(engine.reverb)) }
      parts.append(copy(engine.preMaster))
    }
    return Finished(master: copy(engine.master), parts: parts)
  }
}

/// Reads the next block of a stem.
private struct ReadPiece: Piece {
  let engine: MixEngine
  let input: StemInput
  let track: Int
  let slot: Int

  func run() throws(MixdownError) { try input.read(engine, track: track, slot: slot) }
}

/// Takes a block of a stem through its track.
private struct TrackPiece: Piece {
  let engine: MixEngine
  let track: Int
  let frameCount: Int
  let slot: Int

  func run() { engine.processTrack(track, frameCount: frameCount, slot: slot) }
}

/// Sums a block up.
private struct FinishPiece: Piece {
  let pass: MixPass
  let frameCount: Int
  let slot: Int
  let outcome: Outcome<MixPass.Finished>

  func run() { outcome.value = pass.finish(frameCount, slot: slot) }
}
