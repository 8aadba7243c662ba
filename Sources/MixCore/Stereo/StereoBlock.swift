// SPDX-License-Identifier: MIT

/// Two channels of samples that somebody else owns: what processors work on, in place.
public struct StereoBlock {
  /// (frames): the left channel.
  public let left: UnsafeMutablePointer<Float>
  /// (frames): the right channel.
  public let right: UnsafeMutablePointer<Float>
  /// How many frames there are.
  public let frameCount: Int

  /// Refers to `frameCount` frames at each pointer.
  public init(
    left: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>, frameCount: Int
  ) {
    self.left = left
    self.right = right
    self.frameCount = frameCount
  }

  /// The frames of a range.
  public func slice(from start: Int, count: Int) -> StereoBlock {
    StereoBlock(left: left + start, right: right + start, frameCount: count)
  }

  /// Copies the frames of another block, which has as many.
  func copy(_ other: StereoBlock) {
    left.update(from: other.left, count: frameCount)
    right.update(from: other.right, count: frameCount)
  }

  func clear() {
    left.update(repeating: 0, count: frameCount)
    right.update(repeating: 0, count: frameCount)
  }

  /// Adds the frames of another block, which has as many.
  func add(_ other: StereoBlock) {
    for i in 0..<frameCount { left[i] += other.left[i] }
    for i in 0..<frameCount { right[i] += other.right[i] }
  }

  /// Replaces what is not a number or outside ±`limit` (96 dB over full scale), so that no filter ever
  /// holds a value that it cannot forget, and what is too small to be heard, so that none is slow.
  public func makeFinite() {
    Self.makeFinite(left, frameCount)
    Self.makeFinite(right, frameCount)
  }

  private static func makeFinite(_ samples: UnsafeMutablePointer<Float>, _ count: Int) {
    let limit: Float = 65_536
    for i in 0..<count {
      let x = samples[i]
      let magnitude = abs(x)
      // Comparisons with what is not a number are false.
      let kept: Float = magnitude >= 1e-20 ? x : 0
      let low: Float = kept < -limit ? -limit : kept
      samples[i] = low > limit ? limit : low
    }
  }
}

/// Two channels of samples, allocated once.
final class StereoBuffer {
  let left: UnsafeMutablePointer<Float>
  let right: UnsafeMutablePointer<Float>
  let capacity: Int

  init(capacity: Int) {
    self.capacity = capacity
    left = .allocate(capacity: capacity)
    right = .allocate(capacity: capacity)
    clear()
  }

  deinit {
    left.deallocate()
    right.deallocate()
  }

  func clear() {
    left.update(repeating: 0, count: capacity)
    right.update(repeating: 0, count: capacity)
  }

  /// The first frames.
  func block(_ frameCount: Int) -> StereoBlock {
    StereoBlock(left: left, right: right, frameCount: frameCount)
  }
}

/// Memory of a processor, allocated once and filled with one value.
final class Storage<Element: BitwiseCopyable> {
  let pointer: UnsafeMutablePointer<Element>
  let count: Int
  private let value: Element

  init(count: Int, repeating value: Element) {
    self.count = count
    self.value = value
    pointer = .allocate(capacity: count)
    pointer.initialize(repeating: value, count: count)
  }

  deinit { pointer.deallocate() }

  func reset() { pointer.update(repeating: value, count: count) }

  subscript(index: Int) -> Element {
    get { pointer[index] }
    set { pointer[index] = newValue }
  }
}
