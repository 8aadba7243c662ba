// SPDX-License-Identifier: MIT

/// One segment on its way through the workers, reused for later segments.
///
/// `@unchecked Sendable`: a job belongs to one thread at a time and is handed over only under the
/// lock of ``SegmentWorkers``.
final class SegmentJob: @unchecked Sendable {
  /// The mixture, (channels, inputFrames).
  let input: UnsafeMutablePointer<Float>
  /// The stems, (sources, channels, inputFrames).
  let output: UnsafeMutablePointer<Float>
  /// Which pass over the track the segment is of.
  var pass = 0
  /// The place of the segment in the track.
  var chunk = SegmentGrid.Chunk(
    start: 0, frameCount: 0, inputStart: 0, inputFrames: 0, audibleFrames: 0)
  /// Whether the output is there; guarded by the lock of ``SegmentWorkers``.
  var isDone = false
  /// Why the output cannot be used.
  var failure: SeparationError?

  init(model: any SegmentModel) {
    let inputCount = model.channelCount * model.segmentFrames
    input = .allocate(capacity: inputCount)
    input.initialize(repeating: 0, count: inputCount)
    output = .allocate(capacity: inputCount * model.sources.count)
    output.initialize(repeating: 0, count: inputCount * model.sources.count)
  }

  deinit {
    input.deallocate()
    output.deallocate()
  }
}
