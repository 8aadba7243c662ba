// SPDX-License-Identifier: MIT

/// Elementary functions in plain arithmetic, so that every platform computes the same bits.
///
/// Errors stay below 1e-15 relative, where the result is not near zero, for the arguments that occur here
/// (angles up to a few turns, exponents within the range of Double).
enum Elementary {
  private static let ln2High = 0.693147180369123816490
  private static let ln2Low = 1.90821492927058770002e-10
  static let ln2 = 0.69314718055994530942
  static let ln10 = 2.30258509299404568402

  /// e to the power of `x`; 0 and infinity are not reached.
  static func exp(_ x: Double) -> Double {
    let x = min(max(x, -708), 709)
    let k = (x / ln2).rounded(.toNearestOrEven)
    let r = (x - k * ln2High) - k * ln2Low
    // The Taylor series; r is at most ln 2 / 2, and r^14 / 14! below 5e-18.
    var sum = 1.0
    var n = 13.0
    while n > 0 {
      sum = 1 + sum * r / n
      n -= 1
    }
    return sum * Double(bitPattern: UInt64(Int64(k) + 1023) << 52)
  }

  /// The natural logarithm of a positive normal number.
  static func log(_ x: Double) -> Double {
    var exponent = Double(x.exponent)
    var mantissa = x.significand
    if mantissa > 1.4142135623730951 {
      mantissa /= 2
      exponent += 1
    }
    // 2 artanh(s); s is at most 0.172.
    let s = (mantissa - 1) / (mantissa + 1)
    let square = s * s
    var sum = 0.0
    var n = 23.0
    while n > 0 {
      sum = sum * square + 1 / n
      n -= 2
    }
    return exponent * ln2High + (2 * s * sum + exponent * ln2Low)
  }

  /// Sine and cosine of an angle in radians.
  static func sineCosine(_ x: Double) -> (sine: Double, cosine: Double) {
    let turns = (x * 0.63661977236758134308).rounded(.toNearestOrEven)
    let r = (x - turns * 1.57079632679489655800) - turns * 6.12323399573676603587e-17
    let square = r * r
    var sine = 1.0
    var cosine = 1.0
    var n = 18.0
    // Taylor series; r is at most pi / 4.
    while n >= 2 {
      cosine = 1 - cosine * square / (n * (n - 1))
      sine = 1 - sine * square / ((n + 1) * n)
      n -= 2
    }
    sine *= r
    switch Int(turns) & 3 {
    case 0: return (sine, cosine)
    case 1: return (cosine, -sine)
    case 2: return (-sine, -cosine)
    default: return (-cosine, sine)
    }
  }

  static func sine(_ x: Double) -> Double { sineCosine(x).sine }
  static func cosine(_ x: Double) -> Double { sineCosine(x).cosine }

  static func tangent(_ x: Double) -> Double {
    let (sine, cosine) = sineCosine(x)
    return sine / cosine
  }
}
