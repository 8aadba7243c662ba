// SPDX-License-Identifier: MIT

/// The coefficients of a second-order filter, divided by a0:
/// y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2].
///
/// The designs are those of R. Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter
/// coefficients". A frequency of 0.49 of the sample rate or more is taken as 0.49 of it.
public struct BiquadCoefficients: Sendable, Equatable {
  /// The factor of the input.
  public var b0: Double
  /// The factor of the input one frame ago.
  public var b1: Double
  /// The factor of the input two frames ago.
  public var b2: Double
  /// The factor of the output one frame ago, with the sign of the transfer function.
  public var a1: Double
  /// The factor of the output two frames ago, with the sign of the transfer function.
  public var a2: Double

  /// Passes everything as it is.
  public static let identity = BiquadCoefficients(b0: 1, b1: 0, b2: 0, a1: 0, a2: 0)

  /// Takes coefficients as they are.
  public init(b0: Double, b1: Double, b2: Double, a1: Double, a2: Double) {
    self.b0 = b0
    self.b1 = b1
    self.b2 = b2
    self.a1 = a1
    self.a2 = a2
  }

  private init(b: (Double, Double, Double), a: (Double, Double, Double)) {
    self.init(b0: b.0 / a.0, b1: b.1 / a.0, b2: b.2 / a.0, a1: a.1 / a.0, a2: a.2 / a.0)
  }

  /// Cosine of the frequency and the cookbook's alpha.
  private static func angle(
    _ frequency: Double, _ q: Double, _ sampleRate: Double
  ) -> (cosine: Double, alpha: Double) {
    let f = min(max(frequency, 1e-3), 0.49 * sampleRate)
    let (sine, cosine) = Elementary.sineCosine(2 * Double.pi * f / sampleRate)
    return (cosine, sine / (2 * q))
  }

  /// 12 dB per octave above `frequency`.
  public static func lowPass(frequency: Double, q: Double, sampleRate: Double) -> Self {
    let (c, alpha) = angle(frequency, q, sampleRate)
    return Self(b: ((1 - c) / 2, 1 - c, (1 - c) / 2), a: (1 + alpha, -2 * c, 1 - alpha))
  }

  /// 12 dB per octave below `frequency`.
  public static func highPass(frequency: Double, q: Double, sampleRate: Double) -> Self {
    let (c, alpha) = angle(frequency, q, sampleRate)
    return Self(b: ((1 + c) / 2, -(1 + c), (1 + c) / 2), a: (1 + alpha, -2 * c, 1 - alpha))
  }

  /// 6 dB per octave on both sides of `frequency`, where it is unity.
  public static func bandPass(frequency: Double, q: Double, sampleRate: Double) -> Self {
    let (c, alpha) = angle(frequency, q, sampleRate)
    return Self(b: (alpha, 0, -alpha), a: (1 + alpha, -2 * c, 1 - alpha))
  }

  /// Silence at `frequency`.
  public static func notch(frequency: Double, q: Double, sampleRate: Double) -> Self {
    let (c, alpha) = angle(frequency, q, sampleRate)
    return Self(b: (1, -2 * c, 1), a: (1 + alpha, -2 * c, 1 - alpha))
  }

  /// A peak or dip of `gainDB` around `frequency`.
  public static func bell(
    frequency: Double, gainDB: Double, q: Double, sampleRate: Double
  ) -> Self {
    if gainDB == 0 { return .identity }
    let (c, alpha) = angle(frequency, q, sampleRate)
    let a = Decibels.amplitude(gainDB / 2)
    return Self(
      b: (1 + alpha * a, -2 * c, 1 - alpha * a), a: (1 + alpha / a, -2 * c, 1 - alpha / a))
  }

  /// `gainDB` below `frequency`, half of it there.
  public static func lowShelf(
    frequency: Double, gainDB: Double, q: Double, sampleRate: Double
  ) -> Self {
    if gainDB == 0 { return .identity }
    let (c, alpha) = angle(frequency, q, sampleRate)
    let a = Decibels.amplitude(gainDB / 2)
    let (p, m) = (a + 1, a - 1)
    let root = 2 * a.squareRoot() * alpha
    return Self(
      b: (a * (p - m * c + root), 2 * a * (m - p * c), a * (p - m * c - root)),
      a: (p + m * c + root, -2 * (m + p * c), p + m * c - root))
  }

  /// `gainDB` above `frequency`, half of it there.
  public static func highShelf(
    frequency: Double, gainDB: Double, q: Double, sampleRate: Double
  ) -> Self {
    if gainDB == 0 { return .identity }
    let (c, alpha) = angle(frequency, q, sampleRate)
    let a = Decibels.amplitude(gainDB / 2)
    let (p, m) = (a + 1, a - 1)
    let root = 2 * a.squareRoot() * alpha
    return Self(
      b: (a * (p + m * c + root), -2 * a * (m + p * c), a * (p + m * c - root)),
      a: (p - m * c + root, 2 * (m - p * c), p - m * c - root))
  }

  /// The response at a frequency: its magnitude as a ratio of amplitudes.
  public func magnitude(frequency: Double, sampleRate: Double) -> Double {
    let w = 2 * Double.pi * frequency / sampleRate
    let (s1, c1) = Elementary.sineCosine(w)
    let (s2, c2) = Elementary.sineCosine(2 * w)
    func power(_ x0: Double, _ x1: Double, _ x2: Double) -> Double {
      let real = x0 + x1 * c1 + x2 * c2
      let imaginary = x1 * s1 + x2 * s2
      return real * real + imaginary * imaginary
    }
    return (power(b0, b1, b2) / power(1, a1, a2)).squareRoot()
  }
}

extension PassFilter {
  /// The qualities of the second-order sections of a Butterworth filter: 1 / (2 cos θ).
  var qualities: [Double] {
    switch slope {
    case .decibels12: [0.70710678118654752440]
    case .decibels24: [0.54119610014619698440, 1.30656296487637652785]
    }
  }

  /// The sections of the filter as a high-pass, first those with little resonance.
  public func highPassSections(sampleRate: Double) -> [BiquadCoefficients] {
    qualities.map { .highPass(frequency: frequencyHz, q: $0, sampleRate: sampleRate) }
  }

  /// The sections of the filter as a low-pass, first those with little resonance.
  public func lowPassSections(sampleRate: Double) -> [BiquadCoefficients] {
    qualities.map { .lowPass(frequency: frequencyHz, q: $0, sampleRate: sampleRate) }
  }
}

extension EqualizerBand {
  /// The filter of the band.
  public func coefficients(sampleRate: Double) -> BiquadCoefficients {
    switch shape {
    case .bell:
      .bell(frequency: frequencyHz, gainDB: gainDB, q: q, sampleRate: sampleRate)
    case .lowShelf:
      .lowShelf(frequency: frequencyHz, gainDB: gainDB, q: q, sampleRate: sampleRate)
    case .highShelf:
      .highShelf(frequency: frequencyHz, gainDB: gainDB, q: q, sampleRate: sampleRate)
    case .notch: .notch(frequency: frequencyHz, q: q, sampleRate: sampleRate)
    }
  }
}
