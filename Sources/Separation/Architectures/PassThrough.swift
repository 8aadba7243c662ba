// SPDX-License-Identifier: MIT
import Foundation

/// A model without a network: every stem is the mixture divided by the number of stems.
///
/// It makes everything around a network testable: what it is given must come back to the sample.
/// A checkpoint asks for it with `klass` = `PassThrough`.
struct PassThrough: SegmentModel {
  let sources: [String]
  let sampleRate: Int
  let channelCount = 2
  let segmentFrames: Int
  var normalizesTrack = false

  func makeWorkspace(threadCount: Int) -> any SegmentWorkspace { Workspace(model: self) }

  private final class Workspace: SegmentWorkspace {
    private let model: PassThrough
    init(model: PassThrough) { self.model = model }

    func process(
      input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, frameCount: Int
    ) {
      let count = model.channelCount * frameCount
      let sourceCount = Float(model.sources.count)
      for source in model.sources.indices {
        for sample in 0..<count {
          output[source * count + sample] = input[sample] / sourceCount
        }
      }
    }
  }
}

extension PassThrough {
  /// Reads the keys `segment` (samples) and `samplerate` and the `sources` of `kwargs`.
  init(metadata: CheckpointMetadata) {
    sources = metadata.sources
    sampleRate = metadata.sampleRate
    segmentFrames = metadata.segmentFrames
  }
}
