// SPDX-License-Identifier: MIT

extension Float {
  /// The value of a float16, exactly.
  ///
  /// Without the processor's own conversion, which the baseline of x86-64 lacks, the standard
  /// library's `Float(Float16)` is a call for every value; this becomes vector instructions.
  @inline(__always) init(float16Bits bits: UInt16) {
    let sign = UInt32(bits & 0x8000) << 16
    let rest = UInt32(bits & 0x7fff) << 13
    let isFinite = rest < 0x7c00 << 13
    let isSubnormal = rest < 0x0400 << 13
    // The exponents' biases are 15 and 127.
    let normal = rest &+ (isFinite ? 112 : 224) << 23
    // A subnormal number is the fraction behind a leading 1 that is taken away again.
    let leading = Float(bitPattern: 113 << 23)
    let subnormal = (Float(bitPattern: rest &+ 113 << 23) - leading).bitPattern
    self.init(bitPattern: sign | (isSubnormal ? subnormal : normal))
  }
}
