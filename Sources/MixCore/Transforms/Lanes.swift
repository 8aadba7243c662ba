// SPDX-License-Identifier: MIT

// Sums in four lanes: floating-point sums keep their order, so a compiler leaves plain ones scalar.

@inline(__always)
func loadLanes(_ pointer: UnsafePointer<Float>) -> SIMD4<Float> {
  UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Float>.self)
}

@inline(__always)
func storeLanes(_ value: SIMD4<Float>, _ pointer: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: SIMD4<Float>.self)
}

/// The sum of `count` values.
func sum(_ x: UnsafePointer<Float>, count: Int) -> Float {
  sum(count: count, { loadLanes(x + $0) }, { x[$0] })
}

/// The sum of `count` products.
func dotProduct(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int) -> Float {
  sum(count: count, { loadLanes(x + $0) * loadLanes(y + $0) }, { x[$0] * y[$0] })
}

/// The sum of `count` squares.
func sumOfSquares(_ x: UnsafePointer<Float>, count: Int) -> Float {
  dotProduct(x, x, count: count)
}

/// The sum of `count` terms that are computed four at a time, the last ones alone.
@inline(__always)
func sum(count: Int, _ lanes: (Int) -> SIMD4<Float>, _ single: (Int) -> Float) -> Float {
  var (a, b) = (SIMD4<Float>(), SIMD4<Float>())
  var i = 0
  while i + 8 <= count {
    a += lanes(i)
    b += lanes(i + 4)
    i += 8
  }
  a += b
  var total = (a[0] + a[1]) + (a[2] + a[3])
  while i < count {
    total += single(i)
    i += 1
  }
  return total
}
