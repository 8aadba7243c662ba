// SPDX-License-Identifier: MIT
public import Audio
import MixCore

/// How long a room's answer to an impulse takes to decay by 60 dB, after ISO 3382-1.
public struct DecayMeasurement: Sendable, Equatable {
  /// A reverberation time.
  public struct Time: Sendable, Equatable {
    /// RT60 in seconds.
    public let seconds: Double
    /// Over how many dB below -5 dB it was read: 30 (T30) or, where noise comes too early, 20 (T20).
    public let rangeDB: Int
  }

  /// A band and its time; nil where it decays by less than T20 needs.
  public struct Band: Sendable, Equatable {
    /// The middle of the octave in Hz.
    public let centreHz: Double
    /// Its reverberation time.
    public let time: Time?
  }

  /// Of everything.
  public let broadband: Time?
  /// Of the octaves from 63 Hz to 8 kHz, as far as the sample rate reaches.
  public let octaves: [Band]

  /// Of the lows, 44 to 177 Hz, where ``Reverb/decayLowSeconds`` rules by its standard crossover.
  public var low: Double? { mean(63...125) }
  /// Of the middle, 354 to 2828 Hz, where ``Reverb/decayMidSeconds`` rules.
  public var mid: Double? { mean(500...2000) }
  /// Of the highs, 5.7 to 11.3 kHz, or the highest octave that there is.
  public var high: Double? { octaves.last { $0.time != nil }?.time?.seconds }

  /// The centres of the octaves in Hz.
  static let centresHz = [62.5, 125, 250, 500, 1000, 2000, 4000, 8000]

  /// The geometric mean over octaves.
  private func mean(_ range: ClosedRange<Double>) -> Double? {
    let seconds = octaves.filter { range.contains($0.centreHz.rounded()) }
      .compactMap { $0.time?.seconds }
    guard !seconds.isEmpty else { return nil }
    return Decibels.amplitude(
      seconds.map { Decibels.level(amplitude: $0) }.reduce(0, +) / Double(seconds.count))
  }

  /// Measures an impulse response.
  ///
  /// - Parameters:
  ///   - response: (1 or 2, frames), beginning at any time before the sound.
  ///   - sampleRate: 8,000 to 192,000 Hz.
  public init(_ response: AudioBuffer, sampleRate: Int) {
    let rate = Double(sampleRate)
    broadband = Self.time(
      Self.energies(response, rate, filter: []), secondsPerBin: Self.secondsPerBin)
    octaves = Self.centresHz.filter { $0 * 2.0.squareRoot() < 0.49 * rate }.map { centre in
      let root = 2.0.squareRoot()
      let filter =
        PassFilter(frequencyHz: centre / root, slope: .decibels24)
        .highPassSections(sampleRate: rate)
        + PassFilter(frequencyHz: centre * root, slope: .decibels24)
        .lowPassSections(sampleRate: rate)
      return Band(
        centreHz: centre,
        time: Self.time(
          Self.energies(response, rate, filter: filter), secondsPerBin: Self.secondsPerBin))
    }
  }

  private static let secondsPerBin = 0.001

  /// (bins): the energy of both channels in every millisecond, behind filters.
  private static func energies(
    _ response: AudioBuffer, _ rate: Double, filter sections: [BiquadCoefficients]
  ) -> [Double] {
    var response = response.inStereo
    var energies: [Double] = []
    response.withStereoBlock { block in
      block.makeFinite()
      if !sections.isEmpty {
        let filter = FilterCascade(capacity: sections.count, sampleRate: rate)
        filter.set(sections)
        filter.finishMoving()
        filter.process(block)
      }
      var sum = 0.0
      for i in 0..<block.frameCount {
        let (l, r) = (Double(block.left[i]), Double(block.right[i]))
        sum += l * l + r * r
        if i + 1 >= Int(Double(energies.count + 1) * rate * secondsPerBin) {
          energies.append(sum)
          sum = 0
        }
      }
    }
    return energies
  }
}

// MARK: - Backward integration

extension DecayMeasurement {
  /// The reverberation time of energies over time, by Schroeder's backward integration.
  ///
  /// Where the decay meets the noise it is cut, after Lundeby, Vigran, Bietz and Vorländer (Acustica 81, 1995), and what
  /// would have followed is added. The lower end of the evaluation lies 10 dB over the noise at least.
  static func time(_ energies: [Double], secondsPerBin: Double) -> Time? {
    guard let peak = energies.indices.max(by: { energies[$0] < energies[$1] }), energies[peak] > 0
    else { return nil }
    let decay = Array(energies[peak...])
    // Blocks of about 20 ms, of which a regression is steady.
    let width = max(1, Int(0.02 / secondsPerBin))
    let blocks = stride(from: 0, to: decay.count / width * width, by: width).map { start in
      decay[start..<start + width].reduce(0, +) / Double(width)
    }
    guard blocks.count >= 4 else { return nil }
    let (end, noise, perBlock) = cut(blocks)
    let last = min(decay.count, end * width)
    // What an exponential decay has left behind the cut.
    let perBin = perBlock / Double(width)
    let factor = 1 - Decibels.amplitude(-2 * perBin)
    let tailPower = max(0, blocks[max(0, min(end, blocks.count) - 1)] - noise)
    var sum = perBlock > 0 && factor > 0 ? tailPower / factor : 0
    if tailPower <= 0 { sum = 0 }
    let compensation = sum
    var integrated = [Double](repeating: 0, count: last)
    for bin in (0..<last).reversed() {
      sum += max(0, decay[bin] - noise)
      integrated[bin] = sum
    }
    guard let total = integrated.first, total > 0 else { return nil }
    let levels = integrated.map { Decibels.level(power: $0 / total) }
    // How far the decay can be followed without what was added.
    let reach = compensation > 0 ? Decibels.level(power: total / compensation) : 400
    let overNoise = noise > 0 ? Decibels.level(power: (blocks.first ?? 0) / noise) - 10 : 400
    for range in [30, 20] where min(reach, overNoise) >= Double(range + 5) {
      if let seconds = slope(levels, from: -5, to: Double(-5 - range)) {
        return Time(seconds: seconds * secondsPerBin, rangeDB: range)
      }
    }
    return nil
  }

  /// Where a decay meets its noise: the block, the power of the noise, and the decay in dB a block.
  private static func cut(_ blocks: [Double]) -> (end: Int, noise: Double, perBlock: Double) {
    let count = blocks.count
    let levels = blocks.map { Decibels.level(power: max($0, 1e-30)) }
    var noise = mean(blocks[(count * 9 / 10)...])
    var end = count
    var perBlock = 0.0
    for _ in 0..<6 {
      let floor = Decibels.level(power: max(noise, 1e-30))
      let stop = levels.firstIndex { $0 < floor + 8 } ?? count
      guard stop >= 3, let line = line(levels[..<stop]), line.slope < -1e-6 else { break }
      perBlock = -line.slope
      let crossing = Int((floor - line.intercept) / line.slope)
      end = max(3, min(count, crossing))
      // Noise is what comes 10 dB later; where the file ends before that, there is none to be seen.
      let start = end + Int(10 / perBlock)
      guard start < count - max(1, count / 20) else {
        return (end: lastAudible(blocks), noise: 0, perBlock: perBlock)
      }
      noise = mean(blocks[start...])
      if noise <= 0 { break }
    }
    return noise > 0 ? (end, noise, perBlock) : (lastAudible(blocks), 0, perBlock)
  }

  /// Behind the last block with anything in it.
  private static func lastAudible(_ blocks: [Double]) -> Int {
    (blocks.lastIndex { $0 > 1e-25 } ?? 0) + 1
  }

  private static func mean(_ values: ArraySlice<Double>) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }

  /// The bins of a decay by 60 dB, of the regression between two levels.
  private static func slope(_ levels: [Double], from high: Double, to low: Double) -> Double? {
    guard let first = levels.firstIndex(where: { $0 <= high }),
      let last = levels.firstIndex(where: { $0 <= low }), last - first >= 3,
      let line = line(levels[first..<last]), line.slope < 0
    else { return nil }
    return -60 / line.slope
  }

  /// The least-squares line through levels, over their index from the first one of all.
  static func line(_ levels: ArraySlice<Double>) -> (slope: Double, intercept: Double)? {
    let count = Double(levels.count)
    guard count >= 2 else { return nil }
    let meanIndex = Double(levels.startIndex + levels.endIndex - 1) / 2
    let meanLevel = levels.reduce(0, +) / count
    var (numerator, denominator) = (0.0, 0.0)
    for index in levels.indices {
      numerator += (Double(index) - meanIndex) * (levels[index] - meanLevel)
      denominator += (Double(index) - meanIndex) * (Double(index) - meanIndex)
    }
    let slope = numerator / denominator
    return (slope, meanLevel - slope * meanIndex)
  }
}
