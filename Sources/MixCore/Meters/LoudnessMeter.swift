// SPDX-License-Identifier: MIT

/// Loudness after ITU-R BS.1770-4 and EBU R 128: momentary, short-term, integrated, and loudness range.
///
/// Values are updated every 10 ms; the gating blocks of the integrated loudness and the values of the range are
/// 100 ms apart. Memory does not grow with time.
public final class LoudnessMeter {
  /// The weights of the channels of stereo.
  public static let stereoWeights = [1.0, 1.0]
  /// The weights of left, right, centre, left and right surround.
  public static let surroundWeights = [1.0, 1.0, 1.0, 1.41, 1.41]

  private static let momentaryHops = 40
  private static let shortTermHops = 300

  private let sampleRate: Double
  private let weights: [Double]
  private let shelf: FilterCascade.Coefficients
  private let highPass: FilterCascade.Coefficients
  private let states: Storage<FilterCascade.State>  // two a pair of channels
  private let hopPowers = Storage<Double>(count: shortTermHops, repeating: 0)
  private let hopFrames = Storage<Double>(count: shortTermHops, repeating: 0)
  private let blocks: LoudnessHistogram
  private let shortTerms: LoudnessHistogram
  private let tenths: LoudnessHistogram
  private var hop = 0
  private var hopIndex = 0
  private var framesLeft = 0
  private var framesOfHop = 0
  private var power = 0.0

  /// Loudness of the last 400 ms in LUFS; -infinity before there are so many and for silence.
  public private(set) var momentaryLUFS = -Double.infinity
  /// Loudness of the last 3 s in LUFS; -infinity before there are so many and for silence.
  public private(set) var shortTermLUFS = -Double.infinity
  /// The largest momentary loudness so far.
  public private(set) var maximumMomentaryLUFS = -Double.infinity
  /// The largest short-term loudness so far.
  public private(set) var maximumShortTermLUFS = -Double.infinity

  /// A meter that has heard nothing.
  ///
  /// - Parameters:
  ///   - sampleRate: 8,000 to 192,000 Hz.
  ///   - channelWeights: A weight for each channel.
  ///   - absoluteGate: What is too soft to count at all; anything but the standard is for stems.
  public init(
    sampleRate: Double, channelWeights: [Double] = stereoWeights,
    absoluteGate: LoudnessHistogram.AbsoluteGate = .standard
  ) {
    blocks = LoudnessHistogram(absoluteGate: absoluteGate)
    shortTerms = LoudnessHistogram(absoluteGate: absoluteGate)
    tenths = LoudnessHistogram(absoluteGate: absoluteGate)
    self.sampleRate = sampleRate
    weights = channelWeights
    let sections = KWeighting.sections(sampleRate: sampleRate)
    shelf = FilterCascade.Coefficients(sections.shelf)
    highPass = FilterCascade.Coefficients(sections.highPass)
    states = Storage(count: max(2, (channelWeights.count + 1) / 2 * 2), repeating: .init())
    beginHop()
  }

  /// Forgets what it has heard.
  public func reset() {
    states.reset()
    hopPowers.reset()
    hopFrames.reset()
    blocks.reset()
    shortTerms.reset()
    tenths.reset()
    (hop, hopIndex, power) = (0, 0, 0)
    momentaryLUFS = -.infinity
    shortTermLUFS = -.infinity
    maximumMomentaryLUFS = -.infinity
    maximumShortTermLUFS = -.infinity
    beginHop()
  }

  /// Loudness of everything so far, gated, in LUFS; -infinity where nothing is louder than -70 LUFS.
  ///
  /// - Complexity: A few microseconds; not for every frame.
  public var integratedLUFS: Double {
    guard maximumMomentaryLUFS >= -70,
      let first = blocks.meanPower(above: blocks.absoluteLUFS)
    else { return -.infinity }
    let gate = max(blocks.absoluteLUFS, Self.loudness(power: first) - 10)
    guard let mean = blocks.meanPower(above: gate) else { return -.infinity }
    return Self.loudness(power: mean)
  }

  /// The loudness range so far in LU after EBU Tech 3342; 0 before there are 3 s.
  public var rangeLU: Double { shortTerms.range }

  /// The distance of the 10th and the 95th percentile of the loudness of 100 ms so far in LU, of what lies above
  /// the absolute gate and at most 20 LU under the mean.
  public var levelRangeLU: Double { tenths.range }

  /// BS.1770-4, equation 2.
  public static func loudness(power: Double) -> Double {
    power > 0 ? -0.691 + Decibels.level(power: power) : -.infinity
  }

  /// Listens to a stereo block.
  public func process(_ block: StereoBlock) {
    precondition(weights.count == 2, "This meter is not for two channels.")
    let (left, right) = (UnsafePointer(block.left), UnsafePointer(block.right))
    let weights = SIMD2(weights[0], weights[1])
    var start = 0
    while start < block.frameCount {
      let count = min(framesLeft, block.frameCount - start)
      addPower(0, left + start, right + start, weights, count)
      start += count
      advance(count)
    }
  }

  /// Listens to `frameCount` frames of as many channels as there are weights.
  public func process(channels: [UnsafePointer<Float>], frameCount: Int) {
    precondition(channels.count == weights.count, "This meter is for other channels.")
    var start = 0
    while start < frameCount {
      let count = min(framesLeft, frameCount - start)
      var pair = 0
      while pair < channels.count {
        let left = channels[pair] + start
        let right = pair + 1 < channels.count ? channels[pair + 1] + start : left
        let weight = pair + 1 < channels.count ? weights[pair + 1] : 0
        addPower(pair, left, right, SIMD2(weights[pair], weight), count)
        pair += 2
      }
      start += count
      advance(count)
    }
  }

  private func addPower(
    _ pair: Int, _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    _ weights: SIMD2<Double>, _ count: Int
  ) {
    var (first, second) = (states[pair], states[pair + 1])
    let (shelf, highPass) = (shelf, highPass)
    var sum = SIMD2<Double>()
    for i in 0..<count {
      let x = SIMD2(Double(left[i]), Double(right[i]))
      let y = second.step(first.step(x, shelf), highPass)
      sum += y * y
    }
    first.settle()
    second.settle()
    (states[pair], states[pair + 1]) = (first, second)
    power += sum.x * weights.x + sum.y * weights.y
  }

  private func beginHop() {
    // Hops of 10 ms, of a whole number of frames that is right on average.
    framesOfHop = max(
      1, Int(Double(hop + 1) * sampleRate / 100) - Int(Double(hop) * sampleRate / 100))
    framesLeft = framesOfHop
  }

  private func advance(_ count: Int) {
    framesLeft -= count
    guard framesLeft == 0 else { return }
    hopPowers[hopIndex] = power
    hopFrames[hopIndex] = Double(framesOfHop)
    hopIndex = hopIndex + 1 == Self.shortTermHops ? 0 : hopIndex + 1
    power = 0
    hop += 1
    beginHop()
    if hop % 10 == 0 { tenths.add(power: meanPower(10)) }
    if hop >= Self.momentaryHops {
      let power = meanPower(Self.momentaryHops)
      momentaryLUFS = Self.loudness(power: power)
      maximumMomentaryLUFS = max(maximumMomentaryLUFS, momentaryLUFS)
      if hop % 10 == 0 { blocks.add(power: power) }
    }
    if hop >= Self.shortTermHops {
      let power = meanPower(Self.shortTermHops)
      shortTermLUFS = Self.loudness(power: power)
      maximumShortTermLUFS = max(maximumShortTermLUFS, shortTermLUFS)
      if hop % 10 == 0 { shortTerms.add(power: power) }
    }
  }

  private func meanPower(_ hops: Int) -> Double {
    var (sum, frames) = (0.0, 0.0)
    var index = hopIndex
    for _ in 0..<hops {
      index = index == 0 ? Self.shortTermHops - 1 : index - 1
      sum += hopPowers[index]
      frames += hopFrames[index]
    }
    return sum / frames
  }
}
