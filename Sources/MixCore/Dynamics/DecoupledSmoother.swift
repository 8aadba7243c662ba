// SPDX-License-Identifier: MIT

/// Smooths a gain reduction in dB: attack and release are the times in which 1 - 1/e of a step is done.
///
/// The decoupled peak detector of Giannoulis, Massberg and Reiss 2012, equation 17, in double
/// precision, since a release of seconds moves by less than a float resolves.
struct DecoupledSmoother {
  private var attack = 0.0
  private var release = 0.0
  private var held = 0.0
  /// The reduction after the last frame, at least 0.
  private(set) var value = 0.0

  /// Whether there is nothing left of what it has heard.
  var isAtRest: Bool { held == 0 && value == 0 }

  mutating func set(attackMilliseconds: Double, releaseMilliseconds: Double, sampleRate: Double) {
    attack = poleOfTimeConstant(milliseconds: attackMilliseconds, sampleRate: sampleRate)
    release = poleOfTimeConstant(milliseconds: releaseMilliseconds, sampleRate: sampleRate)
  }

  mutating func reset() {
    held = 0
    value = 0
  }

  /// Replaces `count` reductions by the smoothed ones.
  mutating func process(_ values: UnsafeMutablePointer<Float>, count: Int) {
    var (y1, y) = (held, value)
    let (keepA, keepR) = (attack, release)
    let (moveA, moveR) = (1 - attack, 1 - release)
    for i in 0..<count {
      let c = Double(values[i])
      let released = keepR * y1 + moveR * c
      y1 = c > released ? c : released
      y = keepA * y + moveA * y1
      values[i] = Float(y)
    }
    held = y1 < 1e-7 ? 0 : y1
    value = y < 1e-7 ? 0 : y
  }
}
