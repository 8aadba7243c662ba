// SPDX-License-Identifier: MIT
import Audio
import Foundation

/// The smallest and the largest sample of each part of a file: what a waveform is drawn of.
struct Peaks: Encodable, Sendable, Equatable {
  /// The most points of one answer.
  static let maximumPoints = 100_000

  /// The number of points.
  let points: Int
  /// The frames of one point, which need not be a whole number.
  let framesPerPoint: Double
  /// (points): the smallest sample of any channel, -1…1.
  let minimum: [Float]
  /// (points): the largest sample of any channel, -1…1.
  let maximum: [Float]
}

/// The peaks of a file in steps so fine that coarser ones can be made of them.
struct PeakOverview: Sendable, Equatable {
  /// The frames of one step.
  static let framesPerStep = 64

  /// The length of the file in frames.
  let frameCount: Int
  /// (steps, 2): the smallest and the largest sample, in turn.
  private let values: [Float]

  /// Reads a file.
  ///
  /// - Throws: What reading throws.
  init(path: String, isCancelled: @escaping @Sendable () -> Bool) throws(AudioError) {
    let reader = try AudioReader(path: path, isCancelled: isCancelled)
    var (frames, values): (Int, [Float]) = (0, [])
    while let block = try reader.read(maximumFrames: 1024 * Self.framesPerStep) {
      if isCancelled() {
        throw AudioError(code: .cancelled, path: path, message: "was cancelled")
      }
      frames += block.frameCount
      block.withChannel(0) { left in
        block.withChannel(1) { right in
          for start in stride(from: 0, to: left.count, by: Self.framesPerStep) {
            var (lowest, highest) = (min(left[start], right[start]), max(left[start], right[start]))
            for frame in start..<min(start + Self.framesPerStep, left.count) {
              lowest = min(lowest, left[frame], right[frame])
              highest = max(highest, left[frame], right[frame])
            }
            values.append(lowest)
            values.append(highest)
          }
        }
      }
    }
    (frameCount, self.values) = (frames, values)
  }

  /// Reads what ``data`` gave; nil where it is something else.
  init?(data: Data) {
    guard data.count >= 8, data.count % 8 == 0 else { return nil }
    let count = data.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    frameCount = Int(truncatingIfNeeded: UInt64(littleEndian: count))
    values = data.dropFirst(8).withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
  }

  /// The overview as bytes.
  var data: Data {
    var data = withUnsafeBytes(of: UInt64(frameCount).littleEndian) { Data($0) }
    values.withUnsafeBytes { data.append(contentsOf: $0) }
    return data
  }

  /// The peaks in so many points, not more than there are steps.
  ///
  /// A point covers all steps that it touches, so that no peak is lost between two.
  func peaks(points: Int) -> Peaks {
    let steps = values.count / 2
    let count = max(1, min(points, steps))
    var minimum: [Float] = []
    var maximum: [Float] = []
    for point in 0..<count {
      let first = point * steps / count
      let last = max(first + 1, ((point + 1) * steps + count - 1) / count)
      var (lowest, highest): (Float, Float) = (1, -1)
      for step in first..<min(last, steps) {
        lowest = min(lowest, values[2 * step])
        highest = max(highest, values[2 * step + 1])
      }
      if steps == 0 { (lowest, highest) = (0, 0) }
      minimum.append(max(-1, min(1, lowest)))
      maximum.append(max(-1, min(1, highest)))
    }
    return Peaks(
      points: count, framesPerPoint: Double(frameCount) / Double(count), minimum: minimum,
      maximum: maximum)
  }
}
