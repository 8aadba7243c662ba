// SPDX-License-Identifier: MIT

/// A ring of samples that is written and read in runs.
final class DelayLine {
  private let samples: Storage<Float>
  private let mask: Int
  private var position = 0

  /// - Parameter maximumDelay: The longest delay plus the longest run, in frames.
  init(maximumDelay: Int) {
    var size = 1
    while size < maximumDelay + 1 { size *= 2 }
    samples = Storage(count: size, repeating: 0)
    mask = size - 1
  }

  func reset() {
    samples.reset()
    position = 0
  }

  /// Copies the `count` samples that come `delay` frames before those about to be written; `delay` is at
  /// least `count`.
  @inline(__always)
  func read(delay: Int, _ output: UnsafeMutablePointer<Float>, _ count: Int) {
    let start = (position - delay) & mask
    let first = min(count, mask + 1 - start)
    output.update(from: samples.pointer + start, count: first)
    if first < count { (output + first).update(from: samples.pointer, count: count - first) }
  }

  /// Appends samples; what is inaudible, and would be slow once it is subnormal, becomes 0.
  @inline(__always)
  func write(_ input: UnsafePointer<Float>, _ count: Int) {
    let first = min(count, mask + 1 - position)
    Self.copy(input, samples.pointer + position, first)
    if first < count { Self.copy(input + first, samples.pointer, count - first) }
    position = (position + count) & mask
  }

  @inline(__always)
  private static func copy(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    for i in 0..<count {
      let x = input[i]
      output[i] = abs(x) > 1e-18 ? x : 0
    }
  }
}
