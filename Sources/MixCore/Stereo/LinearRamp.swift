// SPDX-License-Identifier: MIT

/// A value that moves to a new one in a straight line, so that a change does not click.
///
/// The value of a frame depends on the frame alone and not on where blocks begin.
struct LinearRamp {
  /// How long a change takes.
  static let seconds = 0.02

  private(set) var target: Float
  private(set) var remaining = 0
  private var step: Float = 0
  private let frameCount: Int

  init(_ value: Float, sampleRate: Double) {
    target = value
    frameCount = max(1, Int(Self.seconds * sampleRate))
  }

  /// The value of the next frame but `offset`.
  @inline(__always)
  func value(_ offset: Int) -> Float {
    offset < remaining ? target - step * Float(remaining - offset) : target
  }

  /// Whether the value stands at `value` and stays there.
  func rests(at value: Float) -> Bool { remaining == 0 && target == value }

  /// Begins to move to a value; does nothing where it moves there already.
  mutating func move(to value: Float) {
    guard value != target else { return }
    let current = self.value(0)
    target = value
    remaining = frameCount
    step = (value - current) / Float(frameCount)
  }

  /// Stands at its target at once.
  mutating func finish() { remaining = 0 }

  /// Lets frames pass.
  mutating func advance(_ frames: Int) { remaining = max(0, remaining - frames) }
}
