// SPDX-License-Identifier: MIT
import Audio

/// Rounds samples to 16 bits with triangular dither of ±1 step, so that the error has no relation to the
/// signal: its mean is 0 and its power 1/4 step² whatever the signal (Lipshitz, Wannamaker, Vanderkooy,
/// "Quantization and Dither", JAES 40, 1992).
///
/// The noise is the same every time.
struct Dither {
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// Two numbers, evenly spread over ±1/2.
  private mutating func next() -> (Float, Float) {
    // SplitMix64 (Steele, Lea, Flood 2014).
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    let scale: Float = 1 / 16_777_216
    return (Float(z >> 40) * scale - 0.5, Float((z >> 8) & 0xFF_FFFF) * scale - 0.5)
  }

  /// Rounds all samples.
  mutating func apply(to buffer: inout AudioBuffer) {
    let count = 2 * buffer.frameCount
    var dither = self
    buffer.samples.withUnsafeMutableBufferPointer { samples in
      for i in 0..<min(count, samples.count) {
        let (a, b) = dither.next()
        // Adding 1.5 × 2^23 rounds to a whole number, up to 128 times full scale.
        let magic: Float = 12_582_912
        samples[i] = ((samples[i] * 32_768 + (a + b) + magic) - magic) / 32_768
      }
    }
    self = dither
  }
}
