// SPDX-License-Identifier: MIT
import Audio
import MixCore
import Synchronization

/// Reads all stems of a mix in blocks, and finds out where it ends.
final class StemBlocks {
  private let inputs: [StemInput]
  private var tailLeft: Int
  private let slots = (0..<Pipeline.depth).map { _ in Slot() }
  private let known = Mutex<Int?>(nil)

  private final class Slot {
    /// The most frames that a stem had.
    let framesFound = Mutex(0)
    var frameCount = 0
  }

  /// - Parameter tailSeconds: How long the mix goes on behind the longest stem.
  init(_ readers: [AudioReader], sampleRate: Int, tailSeconds: Double) throws(MixdownError) {
    var inputs: [StemInput] = []
    for reader in readers {
      inputs.append(try StemInput(reader: reader, sampleRate: sampleRate))
    }
    self.inputs = inputs
    tailLeft = Int(tailSeconds * Double(sampleRate))
  }

  /// What was odd about the stems.
  var warnings: [String] { inputs.flatMap(\.warnings) }

  /// How many blocks there are, once that is known.
  var blockCount: Int? { known.withLock { $0 } }

  /// How long a block is that has been read.
  func frameCount(_ block: Int) -> Int { slots[block % Pipeline.depth].frameCount }

  /// Adds the steps that read a block into the inputs of an engine.
  ///
  /// - Parameter afterwards: Called when a stem's block has been read.
  /// - Returns: The step behind which a block is there and its length is known.
  func addSteps(
    to pipeline: inout Pipeline, reading engine: MixEngine,
    afterwards: @escaping (_ track: Int, _ slot: Int) -> Void = { _, _ in }
  ) -> Int {
    let reads = inputs.indices.map { track in
      pipeline.add { [self] block throws(MixdownError) in
        let slot = block % Pipeline.depth
        let count = try inputs[track].read(engine, track: track, slot: slot)
        slots[slot].framesFound.withLock { $0 = max($0, count) }
        afterwards(track, slot)
      }
    }
    return pipeline.add(after: reads) { [self] block in measure(block) }
  }

  private func measure(_ block: Int) {
    let slot = slots[block % Pipeline.depth]
    var count = slot.framesFound.withLock { found in
      defer { found = 0 }
      return found
    }
    if count < MixRun.blockFrames {
      let more = min(tailLeft, MixRun.blockFrames - count)
      tailLeft -= more
      count += more
      if count < MixRun.blockFrames {
        known.withLock { $0 = $0 ?? (count == 0 ? block : block + 1) }
      }
    }
    slot.frameCount = count
  }
}
