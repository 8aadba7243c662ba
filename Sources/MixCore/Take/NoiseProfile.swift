// SPDX-License-Identifier: MIT

/// The noise of a take, from its quietest frames.
///
/// Quiet frames count only if they last, keep one level and sound like noise: neither the ends of notes nor
/// softly held ones are.
public struct NoiseProfile: Sendable, Equatable {
  /// The level of the noise, the root of its mean square, in dBFS.
  public let floorDB: Double
  /// (bins): its power in each bin of a frame.
  let powers: [Float]

  /// Which share of the frames is at most as loud as the noise.
  private static let quietShare = 0.05
  /// How far the noise has to lie under the loud frames in dB, and how far it may, so that it is worth the trouble.
  private static let range = 6.0...75.0
  /// What is quieter than this in dBFS is not heard.
  private static let inaudibleDB = -95.0
  /// How many quiet frames there have to be in a row, and in all.
  private static let runLength = 10
  private static let leastCount = 20

  /// Looks for noise; nil where there is none to be found.
  ///
  /// - Parameters:
  ///   - take: The whole take; a single channel named twice.
  ///   - sampleRate: In Hz.
  ///   - isCancelled: Asked for every frame; once true, the result is nil.
  public init?(
    _ take: StereoBlock, sampleRate: Double, isCancelled: () -> Bool = { false }
  ) {
    let spectrum = FrameSpectrum(sampleRate: sampleRate)
    let frames = (take.frameCount - spectrum.length) / spectrum.hop + 1
    guard take.frameCount >= spectrum.length, frames >= Self.leastCount else { return nil }
    let binHz = sampleRate / Double(spectrum.length)
    // Rumble does not make a pause loud.
    let weights = (0..<spectrum.binCount).map { k in
      let square = Double(k) * binHz * Double(k) * binHz
      return Float(square / (square + 300 * 300))
    }
    var powers = [Float](repeating: 0, count: spectrum.binCount)
    var levels: [Float] = []
    for frame in 0..<frames {
      if isCancelled() { return nil }
      spectrum.load(take, at: frame * spectrum.hop)
      spectrum.powers(into: &powers)
      levels.append(
        powers.withUnsafeBufferPointer { x in
          weights.withUnsafeBufferPointer { y in
            guard let x = x.baseAddress, let y = y.baseAddress else { return 0 }
            return dotProduct(x, y, count: spectrum.binCount)
          }
        })
    }
    let quiet = Self.quietFrames(
      levels, fullScale: spectrum.windowPower * Float(spectrum.length) / 2)
    guard !quiet.isEmpty else { return nil }
    var sums = [Double](repeating: 0, count: spectrum.binCount)
    for frame in quiet {
      if isCancelled() { return nil }
      spectrum.load(take, at: frame * spectrum.hop)
      spectrum.powers(into: &powers)
      for k in sums.indices { sums[k] += Double(powers[k]) }
    }
    let means = sums.map { Float($0 / Double(quiet.count)) }
    guard Self.soundsLikeNoise(means, binHz: binHz) else { return nil }
    // Parseval: all bins of a frame sum to its length times the power of the windowed samples.
    let total = 2 * sums.reduce(0, +) / Double(quiet.count)
    floorDB = Decibels.level(
      power: total / Double(spectrum.length) / Double(spectrum.windowPower))
    self.powers = means
  }

  /// The frames that hold nothing but noise; none where the quietest frames are not of one level.
  ///
  /// - Parameter fullScale: The power that a square wave of full scale would have.
  private static func quietFrames(_ levels: [Float], fullScale: Float) -> [Int] {
    // The mean over 5 frames, 58 ms.
    var smooth = levels
    for frame in levels.indices {
      let near = max(0, frame - 2)...min(levels.count - 1, frame + 2)
      smooth[frame] = near.reduce(0) { $0 + levels[$1] } / Float(near.count)
    }
    let audible = fullScale * Float(Decibels.amplitude(2 * inaudibleDB))
    let sorted = smooth.filter { $0 > audible * 1e-2 }.sorted()
    guard sorted.count >= leastCount else { return [] }
    let floor = sorted[Int(quietShare * Double(sorted.count))]
    let loud = sorted[Int(0.95 * Double(sorted.count))]
    guard floor > audible, range ~= Decibels.level(power: Double(loud / floor)) else { return [] }
    // From 6 dB below to 3 dB above.
    let band = floor / 4...floor * 2
    var quiet: [Int] = []
    var run = 0..<0
    for frame in 0...smooth.count {
      if frame < smooth.count, band ~= smooth[frame] {
        run = run.isEmpty ? frame..<frame + 1 : run.lowerBound..<frame + 1
      } else {
        if run.count >= runLength { quiet += run }
        run = 0..<0
      }
    }
    guard quiet.count >= leastCount else { return [] }
    // Noise keeps its level: most of the frames lie within 1.5 dB of their median.
    let median = quiet.map { smooth[$0] }.sorted()[quiet.count / 2]
    let steady = quiet.filter { median / 1.41...median * 1.41 ~= smooth[$0] }
    return Double(steady.count) >= 0.6 * Double(quiet.count) ? quiet : []
  }

  /// Whether most of the power above 200 Hz lies between the peaks of the spectrum and not in them.
  private static func soundsLikeNoise(_ powers: [Float], binHz: Double) -> Bool {
    let first = Int(200 / binHz)
    var (all, peaks) = (0.0, 0.0)
    for k in first..<powers.count {
      let near = powers[max(first, k - 20)...min(powers.count - 1, k + 20)].sorted()
      all += Double(powers[k])
      if powers[k] > 8 * near[near.count / 2] { peaks += Double(powers[k]) }
    }
    return all > 0 && peaks < 0.5 * all
  }

  /// Reduces the noise of a take in place, by at most `reductionDB`.
  ///
  /// - Parameters:
  ///   - take: The take that the profile is of.
  ///   - isCancelled: Asked for every frame; once true, the rest of the take stays as it is.
  public func reduce(
    _ take: StereoBlock, sampleRate: Double, reductionDB: Double,
    isCancelled: () -> Bool = { false }
  ) {
    let spectrum = FrameSpectrum(sampleRate: sampleRate)
    precondition(powers.count == spectrum.binCount, "the profile is of another sample rate")
    var gate = DecisionDirectedGate(
      binCount: spectrum.binCount, reductionDB: reductionDB, memory: 0.96)
    var (now, gains) = (powers, powers)
    for position in spectrum.positions(take.frameCount) {
      if isCancelled() { return }
      spectrum.load(take, at: position)
      spectrum.powers(into: &now)
      gate.process(powers: now, unwanted: powers, into: &gains)
      spectrum.store(gains, to: take, at: position)
    }
  }
}
