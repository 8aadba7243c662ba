// SPDX-License-Identifier: MIT

/// The chunks of one pass over a track, laid out as `apply_model` of Demucs 4 does.
///
/// Chunks begin at 0, stride, 2·stride, … with `stride = int((1 - overlap)·chunk)`. A chunk that
/// is shorter than the others (the last one) is centred in as many frames, with the neighbouring
/// audio of the track around it and silence beyond the track's ends, unless the model takes it as it
/// is. Where chunks are shorter than the model's segment (`--segment`), silence follows them.
struct SegmentGrid: Equatable {
  /// One chunk: the frames of the track it is for and those that the model sees.
  struct Chunk: Equatable {
    /// The first frame of the track that the chunk is for; negative in a shifted pass.
    var start: Int
    /// The number of frames that it is for.
    var frameCount: Int
    /// The first frame of the track that the model sees.
    var inputStart: Int
    /// The number of frames that the model sees.
    var inputFrames: Int
    /// How many of these are of the track; silence follows.
    var audibleFrames: Int
    /// Where the chunk begins within the model's output.
    var trim: Int { start - inputStart }
  }

  /// The frames that the model takes at once.
  let segmentFrames: Int
  /// The frames that one chunk is for, at most `segmentFrames`.
  let chunkFrames: Int
  /// The distance between the beginnings of chunks.
  let strideFrames: Int
  /// Whether the model sees a whole segment even where the chunk is shorter.
  let fillsSegments: Bool
  /// The frames of silence before the track in this pass ("shift trick").
  let shiftFrames: Int

  init(
    segmentFrames: Int, chunkFrames: Int, overlap: Double, shiftFrames: Int = 0,
    fillsSegments: Bool = true
  ) {
    precondition(0 < chunkFrames && chunkFrames <= segmentFrames, "a chunk fits into a segment")
    precondition(0 <= overlap && overlap < 1, "chunks overlap by less than their length")
    self.segmentFrames = segmentFrames
    self.chunkFrames = chunkFrames
    self.shiftFrames = shiftFrames
    self.fillsSegments = fillsSegments
    strideFrames = max(1, Int((1 - overlap) * Double(chunkFrames)))
  }

  /// The first frame of chunk `index`.
  func start(of index: Int) -> Int { index * strideFrames - shiftFrames }

  /// The frames of the track that must be known before chunk `index` can be made.
  func endNeeded(by index: Int) -> Int {
    start(of: index) + chunkFrames
  }

  /// The first frame of the track that chunk `index` or any later one may look at.
  func startNeeded(from index: Int) -> Int { start(of: index) - (chunkFrames + 1) / 2 }

  /// Chunk `index` of a track that ends at `trackEnd`, or of one known to reach beyond the chunk.
  ///
  /// - Returns: `nil` when the chunk lies beyond the track.
  func chunk(_ index: Int, trackEnd: Int?) -> Chunk? {
    let start = start(of: index)
    var count = chunkFrames
    if let trackEnd {
      guard start < trackEnd else { return nil }
      count = min(count, trackEnd - start)
    }
    let audible = fillsSegments ? chunkFrames : count
    return Chunk(
      start: start, frameCount: count, inputStart: start - (audible - count) / 2,
      inputFrames: fillsSegments ? segmentFrames : count, audibleFrames: audible)
  }

  /// How many chunks a track of `trackFrames` frames is cut into.
  func chunkCount(trackFrames: Int) -> Int {
    (trackFrames + shiftFrames + strideFrames - 1) / strideFrames
  }

  /// The triangular weights of one chunk: 1…n/2, n − n/2…1, divided by the largest.
  func weights() -> [Float] {
    let half = chunkFrames / 2
    let peak = Float(chunkFrames - half)
    return (0..<chunkFrames).map { frame in
      Float(frame < half ? frame + 1 : chunkFrames - frame) / peak
    }
  }
}
