// SPDX-License-Identifier: MIT

/// Level, crest, correlation, width and balance of a stereo signal.
public final class StereoMeter {
  private let pole: Double
  private var recent = Sums()
  private var total = Sums()
  private var peak: Float = 0

  /// Mean powers and the mean product of the channels.
  private struct Sums {
    var left = 0.0
    var right = 0.0
    var product = 0.0
    var count = 0.0

    var correlation: Double {
      let scale = (left * right).squareRoot()
      return scale > 1e-20 ? min(max(product / scale, -1), 1) : 0
    }

    var width: Double {
      let mid = left + right + 2 * product
      let side = max(0, left + right - 2 * product)
      return mid > 1e-20 ? side / mid : side > 1e-20 ? .infinity : 0
    }
  }

  /// A meter that has heard nothing.
  ///
  /// - Parameter sampleRate: In Hz.
  public init(sampleRate: Double) {
    pole = poleOfTimeConstant(milliseconds: 300, sampleRate: sampleRate)
  }

  /// The largest sample so far in dBFS; -infinity for silence.
  public var peakDB: Double {
    peak > 0 ? Decibels.level(amplitude: Double(peak)) : -.infinity
  }

  /// The root of the mean square of both channels so far in dBFS; -infinity for silence.
  public var rmsDB: Double {
    let power = (total.left + total.right) / max(1, 2 * total.count)
    return power > 0 ? Decibels.level(power: power) : -.infinity
  }

  /// Peak over root of the mean square in dB; 0 for silence.
  public var crestDB: Double { peak > 0 ? peakDB - rmsDB : 0 }

  /// The correlation of the channels so far: 1 mono, 0 unrelated or silent, -1 inverted.
  public var correlation: Double { total.correlation }

  /// The correlation with a time constant of 300 ms.
  public var recentCorrelation: Double { recent.correlation }

  /// Power of the difference over power of the sum, E[(L - R)²] / E[(L + R)²]: 0 mono, 1 unrelated
  /// channels, infinite for inverted ones.
  public var width: Double { total.width }

  /// (R - L) / (R + L) of the powers: -1 left only, 1 right only.
  public var balance: Double {
    let sum = total.left + total.right
    return sum > 0 ? (total.right - total.left) / sum : 0
  }

  /// Forgets what it has heard.
  public func reset() {
    recent = Sums()
    total = Sums()
    peak = 0
  }

  /// Listens to a block.
  public func process(_ block: StereoBlock) {
    var (largest, now) = (peak, recent)
    var sums = SIMD4<Double>()
    let move = 1 - pole
    for i in 0..<block.frameCount {
      let (l, r) = (block.left[i], block.right[i])
      let magnitude = max(abs(l), abs(r))
      if magnitude > largest { largest = magnitude }
      let (x, y) = (Double(l), Double(r))
      let products = SIMD4(x * x, y * y, x * y, 0)
      sums += products
      now.left += (products.x - now.left) * move
      now.right += (products.y - now.right) * move
      now.product += (products.z - now.product) * move
    }
    if now.left + now.right < 1e-30 { now = Sums() }
    (peak, recent) = (largest, now)
    total.left += sums.x
    total.right += sums.y
    total.product += sums.z
    total.count += Double(block.frameCount)
  }
}
