// SPDX-License-Identifier: MIT

/// The K-weighting of ITU-R BS.1770-4 for any sample rate: its analogue prototypes, found by De Man from the
/// coefficients that the standard gives for 48 kHz, through the bilinear transform.
public enum KWeighting {
  /// The shelf that stands for the head, and the high-pass that follows.
  public static func sections(sampleRate: Double) -> (
    shelf: BiquadCoefficients, highPass: BiquadCoefficients
  ) {
    (shelf(sampleRate), highPass(sampleRate))
  }

  private static func shelf(_ sampleRate: Double) -> BiquadCoefficients {
    let k = Elementary.tangent(Double.pi * 1681.974450955533 / sampleRate)
    let q = 0.7071752369554196
    let vh = Decibels.amplitude(3.999843853973347)
    let vb = Elementary.exp(Elementary.log(vh) * 0.4996667741545416)
    let a0 = 1 + k / q + k * k
    return BiquadCoefficients(
      b0: (vh + vb * k / q + k * k) / a0, b1: 2 * (k * k - vh) / a0,
      b2: (vh - vb * k / q + k * k) / a0, a1: 2 * (k * k - 1) / a0,
      a2: (1 - k / q + k * k) / a0)
  }

  /// Its numerator is not normalised, in the standard's table neither.
  private static func highPass(_ sampleRate: Double) -> BiquadCoefficients {
    let k = Elementary.tangent(Double.pi * 38.13547087602444 / sampleRate)
    let q = 0.5003270373238773
    let a0 = 1 + k / q + k * k
    return BiquadCoefficients(
      b0: 1, b1: -2, b2: 1, a1: 2 * (k * k - 1) / a0, a2: (1 - k / q + k * k) / a0)
  }
}
