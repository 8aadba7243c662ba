// SPDX-License-Identifier: MIT

/// The generator of Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
package struct SplitMix64 {
  package var state: UInt64

  package init(state: UInt64) { self.state = state }

  /// The next 64 random bits.
  package mutating func nextBits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  /// A whole number from 0 to `limit`, both included; the bias is below 2⁻⁴⁰ for small limits.
  package mutating func next(upTo limit: Int) -> Int { Int(nextBits() % UInt64(limit + 1)) }

  /// A number of 0..<1, a multiple of 2⁻²⁴.
  package mutating func nextUnit() -> Float { Float(nextBits() >> 40) * 0x1p-24 }
}
