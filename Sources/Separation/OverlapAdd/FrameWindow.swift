// SPDX-License-Identifier: MIT

/// A window that slides over a long planar signal and holds only the frames still needed.
///
/// Positions are absolute: frame `p` of the signal is held when `start <= p < end`.
struct FrameWindow {
  /// The number of rows, each one channel of the signal.
  let rowCount: Int
  /// The first frame held.
  private(set) var start: Int
  /// One past the last frame held.
  private(set) var end: Int

  private var samples: [Float]  // (rows, capacity), frame p at p - start + head
  private var capacity: Int
  private var head = 0

  init(rowCount: Int, start: Int = 0, capacity: Int = 0) {
    self.rowCount = rowCount
    self.start = start
    end = start
    self.capacity = capacity
    samples = [Float](repeating: 0, count: rowCount * capacity)
  }

  /// Appends silence until the window ends at `newEnd`.
  mutating func extend(to newEnd: Int) {
    guard newEnd > end else { return }
    makeRoom(for: newEnd - start)
    let from = head + end - start
    let to = head + newEnd - start
    samples.withUnsafeMutableBufferPointer { samples in
      for row in 0..<rowCount {
        samples[row * capacity + from..<row * capacity + to].update(repeating: 0)
      }
    }
    end = newEnd
  }

  /// Forgets all frames before `position`.
  mutating func discard(before position: Int) {
    guard position > start else { return }
    if position >= end {
      start = position
      end = position
      head = 0
    } else {
      head += position - start
      start = position
    }
  }

  /// Gives the frames held of one row to `body`.
  mutating func withMutableRow<Result>(
    _ row: Int, _ body: (UnsafeMutableBufferPointer<Float>) -> Result
  ) -> Result {
    let range = row * capacity + head..<row * capacity + head + end - start
    return samples.withUnsafeMutableBufferPointer { body(.init(rebasing: $0[range])) }
  }

  /// Gives the frames held of one row to `body`.
  func withRow<Result>(_ row: Int, _ body: (UnsafeBufferPointer<Float>) -> Result) -> Result {
    let range = row * capacity + head..<row * capacity + head + end - start
    return samples.withUnsafeBufferPointer { body(.init(rebasing: $0[range])) }
  }

  /// Appends the frames of a planar block, (rows, frames).
  mutating func append(_ block: [Float], frameCount: Int) {
    precondition(block.count == rowCount * frameCount, "a block has as many rows as the window")
    let held = end - start
    extend(to: end + frameCount)
    for row in 0..<rowCount {
      withMutableRow(row) { target in
        for frame in 0..<frameCount { target[held + frame] = block[row * frameCount + frame] }
      }
    }
  }

  /// Copies the frames from `position` on, silence where the window holds none.
  func copyRow(
    _ row: Int, from position: Int, count: Int, to target: UnsafeMutablePointer<Float>
  ) {
    let first = min(max(position, start), position + count)
    let last = max(min(position + count, end), first)
    target.update(repeating: 0, count: count)
    guard last > first else { return }
    withRow(row) { held in
      guard let base = held.baseAddress else { return }
      (target + (first - position)).update(from: base + (first - start), count: last - first)
    }
  }

  private mutating func makeRoom(for frameCount: Int) {
    guard head + frameCount > capacity else { return }
    let held = end - start
    let newCapacity = frameCount > capacity ? frameCount + frameCount / 2 : capacity
    if newCapacity == capacity {
      samples.withUnsafeMutableBufferPointer { samples in
        guard let base = samples.baseAddress else { return }
        for row in 0..<rowCount {
          (base + row * capacity).update(from: base + row * capacity + head, count: held)
        }
      }
    } else {
      var moved = [Float](repeating: 0, count: rowCount * newCapacity)
      for row in 0..<rowCount {
        for frame in 0..<held {
          moved[row * newCapacity + frame] = samples[row * capacity + head + frame]
        }
      }
      samples = moved
      capacity = newCapacity
    }
    head = 0
  }
}
