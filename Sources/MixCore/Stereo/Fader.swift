// SPDX-License-Identifier: MIT

/// Gain, constant-power balance and width of a stereo signal, as one matrix that moves without clicks.
public final class Fader {
  // left = leftLeft left + leftRight right, and so on.
  private var leftLeft: LinearRamp
  private var leftRight: LinearRamp
  private var rightLeft: LinearRamp
  private var rightRight: LinearRamp

  /// A fader at unity.
  public init(sampleRate: Double) {
    leftLeft = LinearRamp(1, sampleRate: sampleRate)
    leftRight = LinearRamp(0, sampleRate: sampleRate)
    rightLeft = LinearRamp(0, sampleRate: sampleRate)
    rightRight = LinearRamp(1, sampleRate: sampleRate)
  }

  /// The gains of the channels at a pan position: √2 cos and √2 sin of (pan + 1) π / 4, which is unity
  /// for both at the centre and has the same power everywhere.
  ///
  /// - Parameter pan: -1 (left) to 1 (right).
  public static func gains(pan: Double) -> (left: Double, right: Double) {
    if pan == 0 { return (1, 1) }
    let (sine, cosine) = Elementary.sineCosine((min(max(pan, -1), 1) + 1) * (Double.pi / 4))
    let root = 2.0.squareRoot()
    return (max(0, root * cosine), max(0, root * sine))
  }

  /// Sets where to move.
  ///
  /// - Parameters:
  ///   - gain: An amplitude ratio; 0 is silence.
  ///   - pan: -1 (left) to 1 (right).
  ///   - width: Gain of the side signal (left - right) / 2; 1 leaves it as it is.
  public func set(gain: Double, pan: Double = 0, width: Double = 1) {
    let (left, right) = Self.gains(pan: pan)
    let direct = (1 + width) / 2
    let crossed = (1 - width) / 2
    leftLeft.move(to: Float(gain * left * direct))
    leftRight.move(to: Float(gain * left * crossed))
    rightLeft.move(to: Float(gain * right * crossed))
    rightRight.move(to: Float(gain * right * direct))
  }

  /// Stands where it was moving to.
  public func finishMoving() {
    leftLeft.finish()
    leftRight.finish()
    rightLeft.finish()
    rightRight.finish()
  }

  private var isMoving: Bool {
    leftLeft.remaining + leftRight.remaining + rightLeft.remaining + rightRight.remaining > 0
  }

  private var isUnity: Bool {
    leftLeft.rests(at: 1) && leftRight.rests(at: 0) && rightLeft.rests(at: 0)
      && rightRight.rests(at: 1)
  }

  /// Changes a block in place.
  public func process(_ block: StereoBlock) {
    let count = block.frameCount
    let left = block.left
    let right = block.right
    if isUnity { return }
    if !isMoving {
      let (ll, lr) = (leftLeft.target, leftRight.target)
      let (rl, rr) = (rightLeft.target, rightRight.target)
      if lr == 0, rl == 0 {
        for i in 0..<count { left[i] *= ll }
        for i in 0..<count { right[i] *= rr }
      } else {
        for i in 0..<count {
          let (l, r) = (left[i], right[i])
          left[i] = ll * l + lr * r
          right[i] = rl * l + rr * r
        }
      }
      return
    }
    for i in 0..<count {
      let (l, r) = (left[i], right[i])
      left[i] = leftLeft.value(i) * l + leftRight.value(i) * r
      right[i] = rightLeft.value(i) * l + rightRight.value(i) * r
    }
    leftLeft.advance(count)
    leftRight.advance(count)
    rightLeft.advance(count)
    rightRight.advance(count)
  }
}

/// A gain that moves without clicks, from one block into the sum of another.
final class SendGain {
  private var gain: LinearRamp

  init(sampleRate: Double) { gain = LinearRamp(0, sampleRate: sampleRate) }

  func set(_ gain: Double) { self.gain.move(to: Float(gain)) }
  func finishMoving() { gain.finish() }

  /// Whether it lets nothing through and will not for now.
  var isSilent: Bool { gain.rests(at: 0) }

  /// Writes `source` times the gain to `destination`.
  func write(_ source: StereoBlock, to destination: StereoBlock) {
    let count = source.frameCount
    if gain.remaining == 0 {
      let g = gain.target
      for i in 0..<count { destination.left[i] = source.left[i] * g }
      for i in 0..<count { destination.right[i] = source.right[i] * g }
    } else {
      for i in 0..<count {
        let g = gain.value(i)
        destination.left[i] = source.left[i] * g
        destination.right[i] = source.right[i] * g
      }
      gain.advance(count)
    }
  }
}
