// SPDX-License-Identifier: MIT

// Logarithm and exponential in single precision without branches, so that loops over them become vector
// code. Both are exact where it matters: log2(1) = 0 and exp2(0) = 1.

/// The binary logarithm of a positive normal number, to within 2e-7 plus rounding.
@inline(__always)
func fastLog2(_ x: Float) -> Float {
  // The mantissa is brought into [sqrt(1/2), sqrt(2)) by moving the bit pattern.
  let shifted = x.bitPattern &- 0x3F35_04F3
  let exponentBits = shifted & 0xFF80_0000
  let mantissa = Float(bitPattern: x.bitPattern &- exponentBits)
  let exponent = Float(Int32(bitPattern: exponentBits) &>> 23)
  let s = (mantissa - 1) / (mantissa + 1)
  let square = s * s
  // 2 / ln 2 times the series of artanh.
  let series: Float =
    2.885_390_1
    + square
    * (0.961_796_7 + square * (0.577_078_04 + square * (0.412_198_6 + square * 0.320_598_9)))
  return exponent + s * series
}

/// 2 to the power of `x`, for -126 to 126, to within 2e-7 relative.
@inline(__always)
func fastExp2(_ x: Float) -> Float {
  // Adding 1.5 x 2^23 rounds to a whole number and leaves it in the low bits.
  let magic: Float = 12_582_912
  let rounded = x + magic
  let f = (x - (rounded - magic)) * 0.693_147_18
  let polynomial =
    1 + f
    * (1 + f
      * (0.5 + f
        * (0.166_666_67 + f
          * (0.041_666_668 + f * (0.008_333_334 + f * (0.001_388_889 + f * 0.000_198_412_7))))))
  return Float(bitPattern: polynomial.bitPattern &+ rounded.bitPattern &<< 23)
}

/// dB of an amplitude of 2.
let decibelsPerOctave: Float = 6.020_6
