// SPDX-License-Identifier: MIT
import Audio
import MixCore

/// Takes all stems through the engine once, up to the loudness gain.
///
/// While one block is written, the next is summed up and given its room, the one after that goes through the
/// tracks, and another is read.
final class MixPass {
  private let stems: StemBlocks
  private let trackCount: Int
  private let engine: MixEngine
  private let threads: Int
  private let signal: CancellationSignal
  private let output: MixOutput
  private let slots = (0..<Pipeline.depth).map { _ in Slot() }
  /// The frames mixed so far.
  private(set) var framesDone = 0

  /// What the steps leave of a block for those after them.
  private final class Slot {
    var master: AudioBuffer?
    var parts: [AudioBuffer] = []
  }

  init(run: MixRun, context: MixContext) throws(MixdownError) {
    let sampleRate = context.sampleRate
    stems = try StemBlocks(
      context.readers, sampleRate: sampleRate, tailSeconds: run.mixer.options.tailSeconds)
    trackCount = context.readers.count
    threads = context.threads
    output = context.output
    signal = run.signal
    do {
      engine = try MixEngine(
        plan: run.mixer.plan, sampleRate: Double(sampleRate),
        maximumFrameCount: MixRun.blockFrames, slotCount: Pipeline.depth, endsBeforeLoudness: true)
    } catch {
      throw MixdownError(code: .invalidOption, message: "The mix cannot be made: \(error).")
    }
  }

  /// What was odd about the stems.
  var warnings: [String] { stems.warnings }

  /// Mixes everything; `sink` gets the blocks in order.
  func run(
    into sink: any BlockSink, progress: @escaping (_ framesDone: Int) -> Void
  ) throws(MixdownError) {
    var pipeline = Pipeline()
    let measured = stems.addSteps(to: &pipeline, reading: engine)
    let tracks = (0..<trackCount).map { track in
      pipeline.add(after: [measured]) { [self] block in
        engine.processTrack(
          track, frameCount: stems.frameCount(block), slot: block % Pipeline.depth)
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
    try pipeline.run(threads: threads, signal: signal) { [self] in stems.blockCount }
  }

  private func slot(_ block: Int) -> Slot { slots[block % Pipeline.depth] }

  private func finish(_ block: Int) {
    let slot = slot(block)
    let count = stems.frameCount(block)
    engine.finish(frameCount: count, slot: block % Pipeline.depth)
    func copy(_ block: StereoBlock) -> AudioBuffer {
      AudioBuffer(block.slice(from: 0, count: count))
    }
    if output.wantsParts {
      slot.parts = (0..<trackCount).map { copy(engine.track($0, slot: block % Pipeline.depth)) }
      if output.hasReverb { slot.parts.append(copy(engine.reverb)) }
      slot.parts.append(copy(engine.preMaster))
    }
    slot.master = copy(engine.master)
  }
}
