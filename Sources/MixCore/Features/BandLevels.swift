// SPDX-License-Identifier: MIT

/// The power of a stem in octaves and its K-weighted power, for every tenth of a second: what tells which stem
/// covers which, when, and how loud a sum of stems is.
public struct BandLevels: Sendable, Equatable {
  /// (10): the middles of the octaves in Hz.
  ///
  /// The edges are √2 away; the first also has what lies below it, the last what lies above.
  public static let centresHz = [31.25, 62.5, 125, 250, 500, 1000, 2000, 4000, 8000, 16_000]
  /// The number of octaves.
  public static let bandCount = 10
  /// The length of a frame in seconds.
  public static let secondsPerFrame = 0.1

  /// (frames, 10): the sum over both channels of their mean squares in an octave.
  public internal(set) var powers: [Float] = []
  /// (frames): the sum over both channels of their mean squares after K-weighting (ITU-R BS.1770-4).
  public internal(set) var weightedPowers: [Float] = []

  /// The number of frames.
  public var frameCount: Int { weightedPowers.count }

  /// Nothing.
  public init() {}

  /// The power in an octave of a frame; 0 behind the end.
  public func power(frame: Int, band: Int) -> Float {
    frame < frameCount ? powers[frame * Self.bandCount + band] : 0
  }

  /// The K-weighted power of a frame; 0 behind the end.
  public func weightedPower(frame: Int) -> Float {
    frame < frameCount ? weightedPowers[frame] : 0
  }

  /// The mean power in each octave over the frames that the gate of BS.1770-4 lets through; (10).
  public var meanPowers: [Double] {
    var sums = [Double](repeating: 0, count: Self.bandCount)
    let gate = Self.gate(weightedPowers)
    var count = 0.0
    for frame in 0..<frameCount where weightedPowers[frame] > gate {
      for band in 0..<Self.bandCount { sums[band] += Double(power(frame: frame, band: band)) }
      count += 1
    }
    return sums.map { $0 / max(1, count) }
  }

  /// The K-weighted power above which a frame counts: 10 LU under the mean of what is at most 50 LU under the loudest
  /// frame (BS.1770-4, equations 5 to 7, on blocks of 100 ms, with an absolute gate that follows the recording).
  public static func gate(_ weighted: [Float]) -> Float {
    let absolute = 1e-5 * (weighted.max() ?? 0)
    var (sum, count) = (0.0, 0.0)
    for power in weighted where power > absolute {
      sum += Double(power)
      count += 1
    }
    return max(absolute, Float(0.1 * sum / max(1, count)))
  }

  /// The gated loudness of powers over time in LUFS; -infinity for silence.
  ///
  /// With blocks of 100 ms instead of 400 it differs from the standard by tenths of a LU.
  public static func loudness(_ weighted: [Float]) -> Double {
    let gate = gate(weighted)
    var (sum, count) = (0.0, 0.0)
    for power in weighted where power > gate {
      sum += Double(power)
      count += 1
    }
    return LoudnessMeter.loudness(power: sum / max(1, count))
  }
}

/// Measures octaves of a stereo signal, block by block.
///
/// Every tenth of a second is looked at through a Tukey window. Used by one task at a time.
public final class BandLevelExtractor {
  private let sampleRate: Double
  private let length: Int
  private let transform: RealFourierTransform
  private let window: Storage<Float>
  private let samples: StereoBuffer
  private let windowed: Storage<Float>
  private let spectrum: Storage<Float>
  private let bandOfBin: Storage<Int>
  private let weightOfBin: Storage<Float>
  private var filled = 0
  private var frameLength = 0
  private var levels = BandLevels()

  /// An extractor that has heard nothing.
  ///
  /// - Parameter sampleRate: 8,000 to 192,000 Hz.
  public init(sampleRate: Double) {
    self.sampleRate = sampleRate
    var length = 256
    while Double(2 * length) <= sampleRate * BandLevels.secondsPerFrame { length *= 2 }
    self.length = length
    transform = RealFourierTransform(count: length)
    window = Storage(count: length, repeating: 1)
    samples = StereoBuffer(capacity: Int(sampleRate * BandLevels.secondsPerFrame) + 2)
    windowed = Storage(count: length, repeating: 0)
    spectrum = Storage(count: length / 2 + 1, repeating: 0)
    bandOfBin = Storage(count: length / 2 + 1, repeating: 0)
    weightOfBin = Storage(count: length / 2 + 1, repeating: 0)
    prepare()
    frameLength = end(of: 0)
  }

  private func prepare() {
    // The outer quarters on both sides are the halves of a Hann window; the mean square stays.
    let quarter = length / 4
    for i in 0..<quarter {
      let rise = 0.5 * (1 - Elementary.cosine(Double.pi * (Double(i) + 0.5) / Double(quarter)))
      window[i] = Float(rise)
      window[length - 1 - i] = Float(rise)
    }
    var energy = 0.0
    for i in 0..<length { energy += Double(window[i]) * Double(window[i]) }
    let (shelf, highPass) = KWeighting.sections(sampleRate: sampleRate)
    let root = 2.0.squareRoot()
    for bin in 0...length / 2 {
      let frequency = Double(bin) * sampleRate / Double(length)
      var band = 0
      while band + 1 < BandLevels.bandCount, frequency >= BandLevels.centresHz[band] * root {
        band += 1
      }
      bandOfBin[bin] = band
      let gain =
        shelf.magnitude(frequency: frequency, sampleRate: sampleRate)
        * highPass.magnitude(frequency: frequency, sampleRate: sampleRate)
      weightOfBin[bin] = Float(gain * gain)
    }
    // Parseval, and the negative frequencies.
    let scale = Float((2 / (Double(length) * energy)).squareRoot())
    for i in 0..<length { window[i] *= scale }
  }

  /// The frame of the recording that a tenth of a second ends before.
  private func end(of tenth: Int) -> Int { Int(Double(tenth + 1) * sampleRate / 10) }

  /// Listens to a block; what is not a number counts as 0.
  public func process(_ block: StereoBlock) {
    var start = 0
    while start < block.frameCount {
      let count = min(frameLength - filled, block.frameCount - start)
      let place = samples.block(frameLength).slice(from: filled, count: count)
      place.copy(block.slice(from: start, count: count))
      place.makeFinite()
      filled += count
      start += count
      if filled == frameLength { addFrame() }
    }
  }

  /// Counts what is left too; to be called once, at the end.
  public func finish() -> BandLevels {
    if filled > 0 {
      samples.block(frameLength).slice(from: filled, count: frameLength - filled).clear()
      addFrame()
    }
    return levels
  }

  private func addFrame() {
    let first = levels.powers.count
    for _ in 0..<BandLevels.bandCount { levels.powers.append(0) }
    var weighted: Float = 0
    let offset = (frameLength - length) / 2
    for channel in [samples.left, samples.right] {
      let input = channel + offset
      for i in 0..<length { windowed.pointer[i] = input[i] * window.pointer[i] }
      transform.powers(of: UnsafePointer(windowed.pointer), into: spectrum.pointer)
      for bin in 1...length / 2 {
        let power = spectrum.pointer[bin]
        levels.powers[first + bandOfBin.pointer[bin]] += power
        weighted += power * weightOfBin.pointer[bin]
      }
    }
    levels.weightedPowers.append(weighted)
    filled = 0
    let done = levels.frameCount
    frameLength = end(of: done) - end(of: done - 1)
  }
}
