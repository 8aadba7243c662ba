// SPDX-License-Identifier: MIT

/// The pitch of a voice over time, by YIN.
///
/// De Cheveigné and Kawahara, YIN, a fundamental frequency estimator for speech and music, Journal of the Acoustical
/// Society of America 111 (4), 2002: the difference function (equation 6), its cumulative mean normalised form
/// (equation 8), the absolute threshold (step 4) and parabolic interpolation (step 5). A median over five values takes
/// the place of step 6.
public struct PitchTrack: Sendable, Equatable {
  /// The pitches that are looked for, in Hz.
  public static let rangeHz = 65.0...1_100.0
  /// The aperiodicity below which a frame is voiced.
  public static let threshold: Float = 0.15

  /// In Hz, of the samples.
  public let sampleRate: Double
  /// The samples from one value to the next, 5 ms; the first is of sample 0.
  public let hopLength: Int
  /// (frames): the pitch in Hz, 0 where there is none.
  public private(set) var frequencies: [Float]

  /// Frames quieter than this against the loudest one are not voiced: -50 dB.
  private static let quietest: Float = 1e-5
  /// A run of voiced frames shorter than this is none: 30 ms.
  private static let leastRun = 6

  /// Tracks the pitch of a take, of the mean of its channels.
  ///
  /// - Parameters:
  ///   - take: The whole take; a single channel named twice.
  ///   - isCancelled: Asked for every frame; once true, the rest is unvoiced.
  /// - Complexity: O(frames · period · window).
  public init(_ take: StereoBlock, sampleRate: Double, isCancelled: () -> Bool = { false }) {
    self.sampleRate = sampleRate
    hopLength = max(1, Int((0.005 * sampleRate).rounded()))
    var detector = PitchDetector(sampleRate: sampleRate)
    let count = take.frameCount / hopLength + 1
    frequencies = [Float](repeating: 0, count: count)
    var powers = frequencies
    var loudest: Float = 0
    for frame in 0..<count {
      if isCancelled() { return }
      let power = detector.load(take, centre: frame * hopLength)
      powers[frame] = power
      loudest = max(loudest, power)
      // A first look: the loudest frame may yet come.
      guard power > Self.quietest * loudest, power > 1e-12 else { continue }
      frequencies[frame] = detector.frequency()
    }
    for frame in 0..<count where powers[frame] <= Self.quietest * loudest { frequencies[frame] = 0 }
    smooth()
  }

  /// A track of known pitches; for one that was edited, and for tests.
  public init(sampleRate: Double, hopLength: Int, frequencies: [Float]) {
    self.sampleRate = sampleRate
    self.hopLength = hopLength
    self.frequencies = frequencies
  }

  /// Takes out single octave errors and short runs.
  private mutating func smooth() {
    let raw = frequencies
    for run in runs where run.count >= 5 {
      for frame in run {
        let near = raw[max(run.lowerBound, frame - 2)...min(run.upperBound - 1, frame + 2)].sorted()
        let median = near[near.count / 2]
        if abs(raw[frame] - median) > 0.1 * median { frequencies[frame] = median }
      }
    }
    for run in runs where run.count < Self.leastRun {
      for frame in run { frequencies[frame] = 0 }
    }
  }

  /// The runs of voiced frames; a leap of more than four semitones from one frame to the next begins another.
  public var runs: [Range<Int>] {
    var runs: [Range<Int>] = []
    var start = 0
    for frame in 0...frequencies.count {
      let value = frame < frequencies.count ? frequencies[frame] : 0
      let last = frame > 0 ? frequencies[frame - 1] : 0
      let goesOn = value > 0 && last > 0 && value < 1.26 * last && last < 1.26 * value
      if !goesOn {
        if last > 0 { runs.append(start..<frame) }
        start = frame
      }
    }
    return runs
  }

  /// The pitch in semitones of MIDI, 69 for A4 = 440 Hz; nil where there is none.
  public func semitones(_ frame: Int) -> Double? {
    let frequency = frequencies[frame]
    guard frequency > 0 else { return nil }
    return 69 + 12 * Elementary.log(Double(frequency) / 440) / Elementary.ln2
  }
}

/// The pitch of one frame.
private struct PitchDetector {
  private let step: Int  // samples of the take for each one here
  private let rate: Double
  private let shortest: Int  // periods
  private let longest: Int
  private let window: Int
  private let samples: Storage<Float>  // (window + longest + 1)
  private var differences: [Float]

  init(sampleRate: Double) {
    // Pitch needs no more than 40 kHz.
    step = max(1, Int(sampleRate / 40_000))
    rate = sampleRate / Double(step)
    shortest = max(2, Int(rate / PitchTrack.rangeHz.upperBound))
    longest = Int(rate / PitchTrack.rangeHz.lowerBound) + 1
    // 25 ms, like the paper's.
    window = Int(0.025 * rate)
    samples = Storage(count: window + longest + 1, repeating: 0)
    differences = [Float](repeating: 0, count: longest + 1)
  }

  /// Takes the samples around `centre`; returns their power.
  mutating func load(_ take: StereoBlock, centre: Int) -> Float {
    let start = centre - samples.count * step / 2
    var power: Float = 0
    for i in 0..<samples.count {
      var value: Float = 0
      for j in 0..<step {
        let place = start + i * step + j
        if place >= 0, place < take.frameCount { value += take.left[place] + take.right[place] }
      }
      value /= Float(2 * step)
      samples[i] = value
      power += value * value
    }
    return power / Float(samples.count)
  }

  /// The pitch in Hz, 0 for none.
  mutating func frequency() -> Float {
    let x = samples.pointer
    let first = sumOfSquares(x, count: window)
    guard first > 0 else { return 0 }
    // Equation 6, by the power of both windows and their product.
    var power = Double(first)
    for lag in 1...longest {
      let (old, new) = (Double(x[lag - 1]), Double(x[lag + window - 1]))
      power += new * new - old * old
      differences[lag] = max(
        0, first + Float(power) - 2 * dotProduct(x, x + lag, count: window))
    }
    // Equation 8 and step 4: the first dip below the threshold, to its bottom.
    var sum: Float = 0
    for lag in 1..<shortest { sum += differences[lag] }
    var lag = shortest
    func normalised(_ lag: Int, _ sum: Float) -> Float {
      sum > 0 ? differences[lag] * Float(lag) / sum : 1
    }
    while lag < longest {
      sum += differences[lag]
      if normalised(lag, sum) < PitchTrack.threshold { break }
      lag += 1
    }
    guard lag < longest else { return 0 }
    while lag + 1 < longest,
      normalised(lag + 1, sum + differences[lag + 1]) < normalised(lag, sum)
    {
      lag += 1
      sum += differences[lag]
    }
    // Step 5, on the difference function itself, whose minimum is where the period is.
    let (a, b, c) = (differences[lag - 1], differences[lag], differences[lag + 1])
    let curvature = a - 2 * b + c
    let offset = curvature > 0 ? min(max((a - c) / (2 * curvature), -1), 1) : 0
    return Float(rate / (Double(lag) + Double(offset)))
  }
}
