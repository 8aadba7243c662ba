// SPDX-License-Identifier: MIT

/// The power spectrum of a power of two of real values.
///
/// Pairs of values are taken for complex ones, of which half as many have to be transformed (Press et al.,
/// Numerical Recipes, 3rd edition, section 12.3.2). It has memory of its own to work in: used by one task at a
/// time.
///
/// - Complexity: O(n log n).
public final class RealFourierTransform {
  /// The number of values, n.
  public let count: Int

  private let half: FourierTransform
  private let input: Storage<Float>  // (2, n / 2): values of even and of odd index
  private let twiddles: Storage<Float>  // (2, n / 4 + 1): cosine and sine of 2πk / n

  /// Prepares transforms of `count` values, a power of two from 16.
  public init(count: Int) {
    precondition(count >= 16 && count & (count - 1) == 0, "the count is no power of two from 16")
    self.count = count
    half = FourierTransform(count: count / 2)
    input = Storage(count: count, repeating: 0)
    let quarter = count / 4
    twiddles = Storage(count: 2 * (quarter + 1), repeating: 0)
    for k in 0...quarter {
      let (sine, cosine) = Elementary.sineCosine(2 * Double.pi * Double(k) / Double(count))
      twiddles[k] = Float(cosine)
      twiddles[quarter + 1 + k] = Float(sine)
    }
  }

  /// Computes |X[k]|² for k = 0…n / 2.
  ///
  /// - Parameters:
  ///   - samples: (n).
  ///   - powers: Room for n / 2 + 1 values.
  public func powers(
    of samples: UnsafePointer<Float>, into powers: UnsafeMutablePointer<Float>
  ) {
    let m = count / 2
    let (even, odd) = (input.pointer, input.pointer + m)
    var i = 0
    while i < m {
      let (a, b) = (loadLanes(samples + 2 * i), loadLanes(samples + 2 * i + 4))
      storeLanes(SIMD4(lowHalf: a.evenHalf, highHalf: b.evenHalf), even + i)
      storeLanes(SIMD4(lowHalf: a.oddHalf, highHalf: b.oddHalf), odd + i)
      i += 4
    }
    let (real, imaginary) = half.run(even, odd)
    // X[0] and X[n / 2] are real.
    let (sum, difference) = (real[0] + imaginary[0], real[0] - imaginary[0])
    powers[0] = sum * sum
    powers[m] = difference * difference
    separate(real, imaginary, powers)
  }

  /// With E and O, the spectra of the values of even and of odd index, X[k] = E + wᵏ O and
  /// X[m - k] = conj(E - wᵏ O), m = n / 2.
  private func separate(
    _ real: UnsafeMutablePointer<Float>, _ imaginary: UnsafeMutablePointer<Float>,
    _ powers: UnsafeMutablePointer<Float>
  ) {
    let m = count / 2
    let (cosine, sine) = (twiddles.pointer, twiddles.pointer + m / 2 + 1)
    var k = 1
    while k + 4 <= m / 2 {
      let other = m - k - 3
      let (a, b) = (loadLanes(real + k), loadLanes(imaginary + k))
      let (c, d) = (reversed(loadLanes(real + other)), reversed(loadLanes(imaginary + other)))
      let (low, high) = Self.powers(a, b, c, d, loadLanes(cosine + k), loadLanes(sine + k))
      storeLanes(low, powers + k)
      storeLanes(reversed(high), powers + other)
      k += 4
    }
    while k <= m / 2 {
      let (low, high) = Self.powers(
        SIMD4(repeating: real[k]), SIMD4(repeating: imaginary[k]), SIMD4(repeating: real[m - k]),
        SIMD4(repeating: imaginary[m - k]), SIMD4(repeating: cosine[k]), SIMD4(repeating: sine[k]))
      powers[k] = low[0]
      powers[m - k] = high[0]
      k += 1
    }
  }

  /// |X[k]|² and |X[m - k]|² of Z[k] = a + ib and Z[m - k] = c + id.
  @inline(__always)
  private static func powers(
    _ a: SIMD4<Float>, _ b: SIMD4<Float>, _ c: SIMD4<Float>, _ d: SIMD4<Float>,
    _ cosine: SIMD4<Float>, _ sine: SIMD4<Float>
  ) -> (SIMD4<Float>, SIMD4<Float>) {
    // 2 E = Z[k] + conj(Z[m - k]), 2 O = -i (Z[k] - conj(Z[m - k])).
    let (evenReal, evenImaginary) = (a + c, b - d)
    let (oddReal, oddImaginary) = (b + d, c - a)
    let turnedReal = oddReal * cosine + oddImaginary * sine
    let turnedImaginary = oddImaginary * cosine - oddReal * sine
    let (x, y) = (evenReal + turnedReal, evenImaginary + turnedImaginary)
    let (u, v) = (evenReal - turnedReal, evenImaginary - turnedImaginary)
    return ((x * x + y * y) * 0.25, (u * u + v * v) * 0.25)
  }

  @inline(__always)
  private func reversed(_ x: SIMD4<Float>) -> SIMD4<Float> { SIMD4(x[3], x[2], x[1], x[0]) }
}
