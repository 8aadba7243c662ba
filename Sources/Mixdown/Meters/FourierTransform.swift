// SPDX-License-Identifier: MIT
import Foundation

/// The discrete Fourier transform of a power of two of complex values (Cooley and Tukey 1965, radix 2).
///
/// - Complexity: O(n log n).
struct FourierTransform {
  /// The number of values.
  let count: Int
  private let cosines: [Float]  // (count / 2)
  private let sines: [Float]
  private let reversed: [Int]  // the place of each value with the order of its bits reversed

  init(count: Int) {
    precondition(count >= 2 && count & (count - 1) == 0, "the count is no power of two")
    self.count = count
    cosines = (0..<count / 2).map { Float(cos(-2 * .pi * Double($0) / Double(count))) }
    sines = (0..<count / 2).map { Float(sin(-2 * .pi * Double($0) / Double(count))) }
    var reversed = [Int](repeating: 0, count: count)
    for index in 1..<count {
      reversed[index] = reversed[index >> 1] >> 1 | (index & 1) * (count >> 1)
    }
    self.reversed = reversed
  }

  /// Transforms in place.
  func transform(_ real: inout [Float], _ imaginary: inout [Float]) {
    precondition(real.count == count && imaginary.count == count, "the count differs")
    for index in 0..<count where index < reversed[index] {
      real.swapAt(index, reversed[index])
      imaginary.swapAt(index, reversed[index])
    }
    real.withUnsafeMutableBufferPointer { real in
      imaginary.withUnsafeMutableBufferPointer { imaginary in
        var half = 1
        while half < count {
          let stride = count / (2 * half)
          for start in Swift.stride(from: 0, to: count, by: 2 * half) {
            for k in 0..<half {
              let (c, s) = (cosines[k * stride], sines[k * stride])
              let (a, b) = (start + k, start + k + half)
              let x = real[b] * c - imaginary[b] * s
              let y = real[b] * s + imaginary[b] * c
              (real[b], imaginary[b]) = (real[a] - x, imaginary[a] - y)
              (real[a], imaginary[a]) = (real[a] + x, imaginary[a] + y)
            }
          }
          half *= 2
        }
      }
    }
  }
}
