// SPDX-License-Identifier: MIT

/// Adds the weighted chunks of one pass and gives out the frames that no later chunk touches.
struct OverlapAdder {
  private let grid: SegmentGrid
  private let weights: [Float]
  private var sum: FrameWindow  // (sources · channels)
  private var weightSum: FrameWindow  // (1)

  init(grid: SegmentGrid, rowCount: Int) {
    self.grid = grid
    weights = grid.weights()
    sum = FrameWindow(rowCount: rowCount, start: -grid.shiftFrames, capacity: grid.chunkFrames)
    weightSum = FrameWindow(rowCount: 1, start: -grid.shiftFrames, capacity: grid.chunkFrames)
  }

  /// The first frame that has not been given out.
  var start: Int { sum.start }

  /// Adds the model's output for `chunk`; chunks come in the order of their beginnings.
  ///
  /// - Parameter output: The model's output, (rows, inputFrames).
  mutating func add(_ chunk: SegmentGrid.Chunk, output: UnsafePointer<Float>) {
    sum.extend(to: chunk.start + chunk.frameCount)
    weightSum.extend(to: chunk.start + chunk.frameCount)
    let at = chunk.start - sum.start
    let weights = weights
    for row in 0..<sum.rowCount {
      let source = output + row * chunk.inputFrames + chunk.trim
      sum.withMutableRow(row) { target in
        for frame in 0..<chunk.frameCount {
          target[at + frame] += weights[frame] * source[frame]
        }
      }
    }
    weightSum.withMutableRow(0) { target in
      for frame in 0..<chunk.frameCount { target[at + frame] += weights[frame] }
    }
  }

  /// Adds the weighted mean of all frames before `end` to `target` and forgets them.
  mutating func move(upTo end: Int, into target: inout FrameWindow) {
    let end = min(end, sum.end)
    let first = max(sum.start, 0)
    if end > first {
      target.extend(to: end)
      let from = first - sum.start
      let to = first - target.start
      for row in 0..<sum.rowCount {
        weightSum.withRow(0) { weight in
          sum.withRow(row) { source in
            target.withMutableRow(row) { target in
              for frame in 0..<end - first {
                target[to + frame] += source[from + frame] / weight[from + frame]
              }
            }
          }
        }
      }
    }
    sum.discard(before: end)
    weightSum.discard(before: end)
  }
}
