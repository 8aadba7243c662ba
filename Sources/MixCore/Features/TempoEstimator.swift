// SPDX-License-Identifier: MIT

/// How fast music goes, and how sure that is.
public struct Tempo: Sendable, Equatable {
  /// The tempo as `librosa.feature.tempo` has it, in beats per minute: that of the period of a whole number of
  /// frames that autocorrelation and a preference for tempi near 120 choose.
  ///
  /// Periods are multiples of 23.2 ms, so it is up to 2.5 % off at 120 and 4 % at 200.
  public var beatsPerMinute: Double
  /// The same beat with its period found between the frames, and from several periods in a row.
  public var refinedBeatsPerMinute: Double
  /// The autocorrelation of the onset strength at that period, 0 to 1: how regular the beat is.
  public var strength: Double
  /// The same at twice the period: what speaks for half the tempo.
  ///
  /// What repeats every beat repeats every other beat too, so that `strength` being larger does not follow
  /// from the music; only a value far above `strength` says that the beat may be the slower one.
  public var halfTempoStrength: Double
  /// The same at half the period: what speaks for twice the tempo; near `strength`, the tempo may be either.
  public var doubleTempoStrength: Double
}

/// Finds a tempo in onset strengths: autocorrelation in windows of 8 s, on average (Grosche et al., "Cyclic
/// tempogram", ICASSP 2010), under a log-normal prior (Ellis, "Beat tracking by dynamic programming", 2007).
enum TempoEstimator {
  private static let windowSeconds = 8.0
  private static let preferredTempo = 120.0
  private static let largestTempo = 320.0

  /// - Parameters:
  ///   - onsets: (frames).
  ///   - frameRate: Frames per second.
  /// - Returns: Nil where nothing repeats: silence, or an even sound.
  static func estimate(_ onsets: [Float], frameRate: Double) -> Tempo? {
    let correlation = meanAutocorrelation(onsets, windowLength: Int(windowSeconds * frameRate))
    guard !correlation.isEmpty else { return nil }
    var best = 0
    var bestScore = -Double.infinity
    for lag in 1..<correlation.count {
      let tempo = 60 * frameRate / Double(lag)
      guard tempo < largestTempo else { continue }
      let octaves = Elementary.log(tempo / preferredTempo) / Elementary.ln2
      let score =
        Elementary.log(1 + 1e6 * max(0, correlation[lag])) - 0.5 * octaves * octaves
      if score > bestScore { (best, bestScore) = (lag, score) }
    }
    guard best > 0, correlation[best] > 1e-6 else { return nil }
    let period = refinedPeriod(correlation, best)
    return Tempo(
      beatsPerMinute: 60 * frameRate / Double(best),
      refinedBeatsPerMinute: 60 * frameRate / period,
      strength: correlation[best],
      halfTempoStrength: largest(correlation, near: 2 * period),
      doubleTempoStrength: largest(correlation, near: period / 2))
  }

  /// The autocorrelations of all windows, each over its value at lag 0, on average; empty for silence.
  ///
  /// They are summed as spectra, so that one transform back is enough.
  private static func meanAutocorrelation(_ onsets: [Float], windowLength: Int) -> [Double] {
    guard let first = onsets.first, let last = onsets.last else { return [] }
    // Half a window in front and behind, where the values fall to zero in a straight line.
    let half = windowLength / 2
    var padded: [Float] = []
    padded.reserveCapacity(onsets.count + 2 * half)
    for i in 0..<half { padded.append(first * Float(i) / Float(half)) }
    padded += onsets
    for i in 0..<half { padded.append(last * Float(half - 1 - i) / Float(half)) }
    var size = 16
    while size < 2 * windowLength { size *= 2 }
    let window = periodicHann(windowLength)
    let transform = RealFourierTransform(count: size)
    let frame = Storage<Float>(count: size, repeating: 0)
    let powers = Storage<Float>(count: size / 2 + 1, repeating: 0)
    let sums = Storage<Double>(count: size / 2 + 1, repeating: 0)
    var hasEnergy = false
    for start in onsets.indices {
      for i in 0..<windowLength { frame[i] = padded[start + i] * window[i] }
      let energy = sumOfSquares(frame.pointer, count: windowLength)
      guard energy >= 1e-20 else { continue }
      hasEnergy = true
      transform.powers(of: frame.pointer, into: powers.pointer)
      let scale = 1 / energy
      for k in 0...size / 2 { sums[k] += Double(powers[k] * scale) }
    }
    guard hasEnergy else { return [] }
    // The spectrum is real and even, and so is its transform.
    let scale = 1 / (Double(size) * Double(onsets.count))
    var real = (0..<size).map { Float(sums[min($0, size - $0)] * scale) }
    var imaginary = [Float](repeating: 0, count: size)
    FourierTransform(count: size).transform(&real, &imaginary)
    return real.prefix(windowLength).map { Double($0) }
  }

  /// The period near `lag` in parts of a frame, from the peaks at its multiples up to half a window.
  private static func refinedPeriod(_ correlation: [Double], _ lag: Int) -> Double {
    guard var period = peak(correlation, near: Double(lag), within: 1) else { return Double(lag) }
    var multiple = 2
    while true {
      let place = period * Double(multiple)
      guard place < Double(correlation.count / 2) else { return period }
      guard let found = peak(correlation, near: place, within: 2) else { return period }
      period = found / Double(multiple)
      multiple *= 2
    }
  }

  /// The place of the largest value at most `reach` from `place`, between its neighbours by a parabola; nil where
  /// it is no peak.
  private static func peak(_ values: [Double], near place: Double, within reach: Int) -> Double? {
    let centre = Int(place.rounded())
    guard centre - reach > 1, centre + reach + 1 < values.count else { return nil }
    var best = centre - reach
    for index in centre - reach...centre + reach
    where untapered(values, index) > untapered(values, best) { best = index }
    let (a, b, c) = (
      untapered(values, best - 1), untapered(values, best), untapered(values, best + 1)
    )
    guard b > a, b > c else { return nil }
    return Double(best) + 0.5 * (a - c) / (a - 2 * b + c)
  }

  /// A value of the autocorrelation without what the Hann window does to it: its own autocorrelation.
  private static func untapered(_ values: [Double], _ lag: Int) -> Double {
    let share = Double(lag) / Double(values.count)
    let (sine, cosine) = Elementary.sineCosine(2 * Double.pi * share)
    let taper = (1 - share) * (2 + cosine) / 3 + sine / (2 * Double.pi)
    return values[lag] / max(taper, 1e-3)
  }

  /// The largest value at most a frame from `place`.
  private static func largest(_ values: [Double], near place: Double) -> Double {
    let centre = Int(place.rounded())
    var largest = 0.0
    for index in max(1, centre - 1)...max(1, centre + 1) where index < values.count {
      largest = max(largest, values[index])
    }
    return largest
  }
}

/// A Hann window whose last value is followed by its first.
func periodicHann(_ count: Int) -> [Float] {
  (0..<count).map {
    Float(0.5 - 0.5 * Elementary.cosine(2 * Double.pi * Double($0) / Double(count)))
  }
}
