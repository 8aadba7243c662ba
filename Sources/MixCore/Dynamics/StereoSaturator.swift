// SPDX-License-Identifier: MIT

/// A soft clipper: f(u) = u / √(1 + u²) of the driven signal.
///
/// Only what the clipper changes, f(u) - u, passes the first-order antiderivative anti-aliasing of Parker,
/// Zavalishin and Le Bivic (DAFx 2016); soft signals therefore come through unchanged and undelayed. For
/// this f the quotient of antiderivatives is (u₁ + u₀) / (√(1 + u₁²) + √(1 + u₀²)), which never divides
/// by zero.
public final class StereoSaturator {
  private var drive: LinearRamp
  private var mix: LinearRamp
  private var lastLeft: Float = 0
  private var lastRight: Float = 0
  private var isOn = false

  /// A saturator that does nothing yet.
  public init(sampleRate: Double) {
    drive = LinearRamp(1, sampleRate: sampleRate)
    mix = LinearRamp(0, sampleRate: sampleRate)
  }

  /// Sets the values of a plan; nil fades the effect out.
  public func set(_ plan: Saturation?) {
    isOn = plan != nil
    if let plan { drive.move(to: Float(Decibels.amplitude(plan.driveDB))) }
    mix.move(to: Float(plan?.mix ?? 0))
  }

  /// Stands at the values of the plan at once.
  public func finishMoving() {
    drive.finish()
    mix.finish()
  }

  /// Forgets what it has heard.
  public func reset() {
    lastLeft = 0
    lastRight = 0
  }

  /// Changes a block in place.
  public func process(_ block: StereoBlock) {
    if !isOn, mix.rests(at: 0) { return }
    run(block.left, block.frameCount, &lastLeft)
    run(block.right, block.frameCount, &lastRight)
    drive.advance(block.frameCount)
    mix.advance(block.frameCount)
  }

  private func run(_ samples: UnsafeMutablePointer<Float>, _ count: Int, _ last: inout Float) {
    let isMoving = drive.remaining + mix.remaining > 0
    var (d, m) = (drive.target, mix.target)
    var u0 = last
    var root0 = (1 + u0 * u0).squareRoot()
    for i in 0..<count {
      if isMoving { (d, m) = (drive.value(i), mix.value(i)) }
      let u = samples[i] * d
      let root = (1 + u * u).squareRoot()
      let sum = u + u0
      // sum (1 / (root + root0) - 1/2), without the cancellation for soft signals:
      // 2 - root - root0 = -u² / (1 + root) - u0² / (1 + root0).
      let bend = u * u / (1 + root) + u0 * u0 / (1 + root0)
      samples[i] -= m / d * sum * bend / (2 * (root + root0))
      u0 = u
      root0 = root
    }
    last = abs(u0) < 1e-20 ? 0 : u0
  }
}
