// SPDX-License-Identifier: MIT

// Powers in dB as `librosa.power_to_db` has them: not below -100 dB, and, over a whole recording, not
// more than 80 dB below the largest value.

/// 10 log10 of a power; not below -100.
@inline(__always)
func powerDecibels(_ power: Float) -> Float {
  fastLog2(max(power, 1e-10)) * 3.010_299_957
}

/// How far below the largest value the smallest may lie.
let decibelRange: Float = 80
