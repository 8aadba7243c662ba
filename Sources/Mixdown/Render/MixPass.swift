// SPDX-License-Identifier: MIT
import Audio
import MixCore
import Synchronization

/// Takes all stems through the engine once, up to the loudness gain.
///
/// While one block is written, the next is summed up and given its room, the one after that goes through the
/// tracks, and another is read.
final class MixPass {
  private let inputs: [StemInput]
  private let engine: MixEngine
  private let threads: Int
  private let signal: CancellationSignal
  private let output: MixOutput
  private var tailLeft: Int
  private let slots = (0..<Pipeline.depth).map { _ in Slot() }
  private let blockCount = Mutex<Int?>(nil)
  /// The frames mixed so far.
  private(set) var framesDone = 0

  /// What the steps leave of a block for those after them.
  private final class Slot {
    /// The most frames that a stem had.
    let framesFound = Mutex(0)
    var frameCount = 0
    var master: AudioBuffer?
    var parts: [AudioBuffer] = []
  }

  init(run: MixRun, context: MixContext) throws(MixdownError) {
    let sampleRate = context.sampleRate
    var inputs: [StemInput] = []
    for reader in context.readers {
      inputs.append(try StemInput(reader: reader, sampleRate: sampleRate))
    }
    self.inputs = inputs
    threads = context.threads
    output = context.output
    signal = run.signal
    tailLeft = Int(run.mixer.options.tailSeconds * Double(sampleRate))
    do {
      engine = try MixEngine(
        plan: run.mixer.plan, sampleRate: Double(sampleRate),
        maximumFrameCount: MixRun.blockFrames, slotCount: Pipeline.depth, endsBeforeLoudness: true)
    } catch {
      throw MixdownError(code: .invalidOption, message: "The mix cannot be made: \(error).")
    }
  }

  /// What was odd about the stems.
  var warnings: [String] { inputs.flatMap(\.warnings) }

  /// Mixes everything; `sink` gets the blocks in order.
  func run(
    into sink: any BlockSink, progress: @escaping (_ framesDone: Int) -> Void
  ) throws(MixdownError) {
    var pipeline = Pipeline()
    let reads = inputs.indices.map { track in
      pipeline.add { [self] block throws(MixdownError) in
        let count = try inputs[track].read(engine, track: track, slot: block % Pipeline.depth)
        slot(block).framesFound.withLock { $0 = max($0, count) }
      }
    }
    let measured = pipeline.add(after: reads) { [self] block in measure(block) }
    let tracks = inputs.indices.map { track in
      pipeline.add(after: [measured]) { [self] block in
        engine.processTrack(
          track, frameCount: slot(block).frameCount, slot: block % Pipeline.depth)
      }
    }
    let summed = pipeline.add(after: tracks) { [self] block in finish(block) }
    for (index, part) in output.parts.enumerated() {
      pipeline.add(after: [summed]) { [self] block throws(MixdownError) in
        try part.take(slot(block).parts[index])
      }
    }
    pipeline.add(after: [summed]) { [self] block throws(MixdownError) in
      guard let master = slot(block).master else { return }
      try sink.take(master)
      framesDone += master.frameCount
      progress(framesDone)
    }
    try pipeline.run(threads: threads, signal: signal) { [self] in blockCount.withLock { $0 } }
  }

  private func slot(_ block: Int) -> Slot { slots[block % Pipeline.depth] }

  /// Finds out how long a block is, which all stems have been read for.
  private func measure(_ block: Int) {
    let slot = slot(block)
    var count = slot.framesFound.withLock { found in
      defer { found = 0 }
      return found
    }
    if count < MixRun.blockFrames {
      let more = min(tailLeft, MixRun.blockFrames - count)
      tailLeft -= more
      count += more
      if count < MixRun.blockFrames {
        blockCount.withLock { $0 = $0 ?? (count == 0 ? block : block + 1) }
      }
    }
    slot.frameCount = count
  }

  private func finish(_ block: Int) {
    let slot = slot(block)
    let count = slot.frameCount
    engine.finish(frameCount: count, slot: block % Pipeline.depth)
    func copy(_ block: StereoBlock) -> AudioBuffer {
      AudioBuffer(block.slice(from: 0, count: count))
    }
    if output.wantsParts {
      slot.parts = inputs.indices.map { copy(engine.track($0, slot: block % Pipeline.depth)) }
      if output.hasReverb { slot.parts.append(copy(engine.reverb)) }
      slot.parts.append(copy(engine.preMaster))
    }
    slot.master = copy(engine.master)
  }
}
