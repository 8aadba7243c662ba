// SPDX-License-Identifier: MIT

/// Levels and the amplitudes that they stand for.
public enum Decibels {
  /// The amplitude ratio of a level: 10 ^ (dB / 20).
  public static func amplitude(_ decibels: Double) -> Double {
    Elementary.exp(decibels * (Elementary.ln10 / 20))
  }

  /// The level of an amplitude ratio, 20 log10; not below -400 dB.
  public static func level(amplitude: Double) -> Double {
    Elementary.log(max(amplitude, 1e-20)) * (20 / Elementary.ln10)
  }

  /// The level of a ratio of powers, 10 log10; not below -400 dB.
  public static func level(power: Double) -> Double {
    Elementary.log(max(power, 1e-40)) * (10 / Elementary.ln10)
  }
}

/// What a one-pole smoother keeps of its state in a frame: exp(-1 / (time constant x sample rate)).
func poleOfTimeConstant(milliseconds: Double, sampleRate: Double) -> Double {
  Elementary.exp(-1000 / (max(milliseconds, 1e-3) * sampleRate))
}
