// SPDX-License-Identifier: MIT

/// A ring of samples that is written and read in runs.
///
/// Behind its end stands a copy of its beginning, so that every run can be read where it lies.
final class DelayLine {
  private let samples: Storage<Float>
  private let size: Int
  private let maximumRun: Int
  private var position = 0

  /// - Parameters:
  ///   - maximumDelay: The longest delay that will be read, in frames.
  ///   - maximumRun: The longest run that will be written or read, in frames.
  init(maximumDelay: Int, maximumRun: Int) {
    var size = 1
    while size < maximumDelay + maximumRun + 1 { size *= 2 }
    self.size = size
    self.maximumRun = maximumRun
    samples = Storage(count: size + maximumRun, repeating: 0)
  }

  func reset() {
    samples.reset()
    position = 0
  }

  /// The samples from `delay` frames before those about to be written on, as many as the longest run; those
  /// that are not written yet are old.
  @inline(__always)
  func past(delay: Int) -> UnsafePointer<Float> {
    UnsafePointer(samples.pointer + ((position - delay) & (size - 1)))
  }

  /// Appends a run; what is inaudible, and would be slow once it is subnormal, becomes 0.
  @inline(__always)
  func write(_ input: UnsafePointer<Float>, _ count: Int) {
    let first = min(count, size - position)
    Self.copy(input, samples.pointer + position, first)
    if position < maximumRun {
      Self.copy(input, samples.pointer + size + position, min(first, maximumRun - position))
    }
    if first < count {
      Self.copy(input + first, samples.pointer, count - first)
      Self.copy(input + first, samples.pointer + size, count - first)
    }
    position = (position + count) & (size - 1)
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
