// SPDX-License-Identifier: MIT

/// The discrete Fourier transform of a power of two of complex values.
///
/// Stockham's self-sorting form of radix 4, with a last step of radix 2 where the count asks for it
/// (Van Loan, Computational Frameworks for the Fast Fourier Transform, 1992, section 1.7). Real and
/// imaginary parts lie apart, so that four butterflies at a time are vector code. It has memory of its own
/// to work in: used by one task at a time.
///
/// - Complexity: O(n log n).
public final class FourierTransform {
  /// The number of values.
  public let count: Int

  // (steps of radix 4: (w, w², w³), (real, imaginary), n / 4): w = exp(-2πi p / n) for n = count,
  // count / 4, …
  private let twiddles: Storage<Float>
  private let scratch: Storage<Float>  // (2, count)

  /// Prepares transforms of `count` values, a power of two from 2.
  public init(count: Int) {
    precondition(count >= 2 && count & (count - 1) == 0, "the count is no power of two")
    self.count = count
    scratch = Storage(count: 2 * count, repeating: 0)
    // count (1 + 1/4 + …) 6/4 at most.
    twiddles = Storage(count: 2 * count, repeating: 0)
    var place = 0
    var n = count
    while n >= 4 {
      for power in 1...3 {
        for p in 0..<n / 4 {
          let (sine, cosine) = Elementary.sineCosine(
            -2 * Double.pi * Double(power * p) / Double(n))
          twiddles[place + p] = Float(cosine)
          twiddles[place + n / 4 + p] = Float(sine)
        }
        place += n / 2
      }
      n /= 4
    }
  }

  /// Transforms in place; both arrays hold `count` values.
  public func transform(_ real: inout [Float], _ imaginary: inout [Float]) {
    precondition(real.count == count && imaginary.count == count, "the count differs")
    real.withUnsafeMutableBufferPointer { real in
      imaginary.withUnsafeMutableBufferPointer { imaginary in
        guard let real = real.baseAddress, let imaginary = imaginary.baseAddress else { return }
        let result = run(real, imaginary)
        guard result.real != real else { return }
        real.update(from: result.real, count: count)
        imaginary.update(from: result.imaginary, count: count)
      }
    }
  }

  /// Transforms, and tells where the result is: in the places given or in memory of its own, where it stays
  /// until the next call.
  func run(
    _ real: UnsafeMutablePointer<Float>, _ imaginary: UnsafeMutablePointer<Float>
  ) -> (real: UnsafeMutablePointer<Float>, imaginary: UnsafeMutablePointer<Float>) {
    var from = Parts(real: real, imaginary: imaginary)
    var to = Parts(real: scratch.pointer, imaginary: scratch.pointer + count)
    var w = UnsafePointer(twiddles.pointer)
    var n = count
    var stride = 1
    while n >= 4 {
      if stride >= 4 {
        Self.wideStep(from, to, w, n / 4, stride)
      } else if n >= 16 {
        Self.firstStep(from, to, w, n / 4)
      } else {
        Self.narrowStep(from, to, w, n / 4, stride)
      }
      w += 3 * n / 2
      n /= 4
      stride *= 4
      (from, to) = (to, from)
    }
    if n == 2 {
      Self.lastStep(from, to, stride)
      (from, to) = (to, from)
    }
    return (from.real, from.imaginary)
  }

  /// Where the two parts of complex values lie.
  private struct Parts {
    var real: UnsafeMutablePointer<Float>
    var imaginary: UnsafeMutablePointer<Float>

    @inline(__always)
    func load(_ index: Int) -> Lanes {
      Lanes(real: loadLanes(real + index), imaginary: loadLanes(imaginary + index))
    }

    @inline(__always)
    func store(_ value: Lanes, _ index: Int) {
      storeLanes(value.real, real + index)
      storeLanes(value.imaginary, imaginary + index)
    }
  }

  /// Four complex values.
  private struct Lanes {
    var real: SIMD4<Float>
    var imaginary: SIMD4<Float>

    @inline(__always)
    static func + (a: Lanes, b: Lanes) -> Lanes {
      Lanes(real: a.real + b.real, imaginary: a.imaginary + b.imaginary)
    }

    @inline(__always)
    static func - (a: Lanes, b: Lanes) -> Lanes {
      Lanes(real: a.real - b.real, imaginary: a.imaginary - b.imaginary)
    }

    @inline(__always)
    static func * (a: Lanes, b: Lanes) -> Lanes {
      Lanes(
        real: a.real * b.real - a.imaginary * b.imaginary,
        imaginary: a.real * b.imaginary + a.imaginary * b.real)
    }

    /// -i times the value.
    @inline(__always)
    var turned: Lanes { Lanes(real: imaginary, imaginary: -real) }
  }

  /// The transform of four values, of which the last three are yet to be turned by their twiddles.
  @inline(__always)
  private static func butterfly(_ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes)
    -> (Lanes, Lanes, Lanes, Lanes)
  {
    let (sum, difference) = (a + c, a - c)
    let (otherSum, otherDifference) = (b + d, (b - d).turned)
    return (
      sum + otherSum, difference + otherDifference, sum - otherSum, difference - otherDifference
    )
  }

  /// The values of one twiddle beside each other.
  private static func wideStep(
    _ x: Parts, _ y: Parts, _ w: UnsafePointer<Float>, _ quarter: Int, _ stride: Int
  ) {
    let part = quarter * stride
    for p in 0..<quarter {
      let w1 = Lanes(
        real: SIMD4(repeating: w[p]), imaginary: SIMD4(repeating: w[quarter + p]))
      let w2 = Lanes(
        real: SIMD4(repeating: w[2 * quarter + p]), imaginary: SIMD4(repeating: w[3 * quarter + p]))
      let w3 = Lanes(
        real: SIMD4(repeating: w[4 * quarter + p]), imaginary: SIMD4(repeating: w[5 * quarter + p]))
      var (i, o) = (stride * p, 4 * stride * p)
      let end = i + stride
      while i < end {
        let (a, b, c, d) = butterfly(
          x.load(i), x.load(i + part), x.load(i + 2 * part), x.load(i + 3 * part))
        y.store(a, o)
        y.store(b * w1, o + stride)
        y.store(c * w2, o + 2 * stride)
        y.store(d * w3, o + 3 * stride)
        i += 4
        o += 4
      }
    }
  }

  /// Four twiddles at a time, with a stride of 1.
  private static func firstStep(
    _ x: Parts, _ y: Parts, _ w: UnsafePointer<Float>, _ quarter: Int
  ) {
    var p = 0
    while p < quarter {
      func twiddle(_ power: Int) -> Lanes {
        Lanes(
          real: loadLanes(w + 2 * (power - 1) * quarter + p),
          imaginary: loadLanes(w + (2 * power - 1) * quarter + p))
      }
      let (a, b, c, d) = butterfly(
        x.load(p), x.load(p + quarter), x.load(p + 2 * quarter), x.load(p + 3 * quarter))
      y.store(a, 4 * p)
      y.store(b * twiddle(1), 4 * p + 4)
      y.store(c * twiddle(2), 4 * p + 8)
      y.store(d * twiddle(3), 4 * p + 12)
      p += 4
    }
    // In a loop of its own: together, the compiler would take the butterflies apart.
    p = 0
    while p < quarter {
      transpose(y.real + 4 * p)
      transpose(y.imaginary + 4 * p)
      p += 4
    }
  }

  /// Transposes (4, 4) values.
  @inline(__always)
  private static func transpose(_ x: UnsafeMutablePointer<Float>) {
    let all = SIMD16(
      lowHalf: SIMD8(lowHalf: loadLanes(x), highHalf: loadLanes(x + 4)),
      highHalf: SIMD8(lowHalf: loadLanes(x + 8), highHalf: loadLanes(x + 12)))
    let (even, odd) = (all.evenHalf, all.oddHalf)
    storeLanes(even.evenHalf, x)
    storeLanes(odd.evenHalf, x + 4)
    storeLanes(even.oddHalf, x + 8)
    storeLanes(odd.oddHalf, x + 12)
  }

  /// For 4 and 8 values.
  private static func narrowStep(
    _ x: Parts, _ y: Parts, _ w: UnsafePointer<Float>, _ quarter: Int, _ stride: Int
  ) {
    let part = quarter * stride
    for p in 0..<quarter {
      for q in 0..<stride {
        let (i, o) = (q + stride * p, q + 4 * stride * p)
        func value(_ k: Int) -> Lanes {
          Lanes(
            real: SIMD4(repeating: x.real[i + k * part]),
            imaginary: SIMD4(repeating: x.imaginary[i + k * part]))
        }
        func put(_ value: Lanes, _ power: Int) {
          var value = value
          if power > 0 {
            let place = 2 * (power - 1) * quarter + p
            value =
              value
              * Lanes(
                real: SIMD4(repeating: w[place]), imaginary: SIMD4(repeating: w[place + quarter]))
          }
          y.real[o + power * stride] = value.real[0]
          y.imaginary[o + power * stride] = value.imaginary[0]
        }
        let (a, b, c, d) = butterfly(value(0), value(1), value(2), value(3))
        put(a, 0)
        put(b, 1)
        put(c, 2)
        put(d, 3)
      }
    }
  }

  private static func lastStep(_ x: Parts, _ y: Parts, _ stride: Int) {
    for q in 0..<stride {
      y.real[q] = x.real[q] + x.real[q + stride]
      y.real[q + stride] = x.real[q] - x.real[q + stride]
      y.imaginary[q] = x.imaginary[q] + x.imaginary[q + stride]
      y.imaginary[q + stride] = x.imaginary[q] - x.imaginary[q + stride]
    }
  }
}
