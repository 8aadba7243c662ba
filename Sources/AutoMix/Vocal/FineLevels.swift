// SPDX-License-Identifier: MIT
import Audio
import MixCore

/// What a compressor needs to know of a signal to say what it would make of its levels: two numbers for every half
/// of a millisecond.
///
/// The compressor's own gain computer and smoother run over them, at 2 kHz instead of the sample rate. Within half
/// of a millisecond neither attack nor release does much, and what is found is checked by ear, so to speak:
/// rendered.
struct FineLevels {
  /// The rate of the levels in Hz.
  static let rate = 2000.0
  private static let chunk = 4000

  /// (1, frames): the larger magnitude of both channels.
  private(set) var peaks: [Float] = []
  /// (1, frames): the root of the K-weighted power, summed over the channels.
  private(set) var amplitudes: [Float] = []
  private var powers = 0.0
  private var peak: Float = 0
  private var framesInHop = 0
  private var framesDone = 0
  private let sampleRate: Double
  private let weighting: FilterCascade

  /// - Parameter sampleRate: In Hz.
  init(sampleRate: Double) {
    self.sampleRate = sampleRate
    weighting = FilterCascade(capacity: 2, sampleRate: sampleRate)
    let (shelf, highPass) = KWeighting.sections(sampleRate: sampleRate)
    weighting.set([shelf, highPass])
    weighting.finishMoving()
  }

  /// Listens to a block, which stays as it is.
  mutating func process(_ block: StereoBlock) {
    var weighted = AudioBuffer(block)
    weighted.withStereoBlock { weighted in
      weighting.process(weighted)
      var end = hopEnd
      for i in 0..<block.frameCount {
        peak = max(peak, max(abs(block.left[i]), abs(block.right[i])))
        let (l, r) = (Double(weighted.left[i]), Double(weighted.right[i]))
        powers += l * l + r * r
        framesInHop += 1
        framesDone += 1
        if framesDone == end {
          peaks.append(peak)
          amplitudes.append(Float((powers / Double(framesInHop)).squareRoot()))
          (peak, powers, framesInHop) = (0, 0, 0)
          end = hopEnd
        }
      }
    }
  }

  private var hopEnd: Int { Int(Double(peaks.count + 1) * sampleRate / Self.rate) }

  /// How far levels range, in LU.
  struct Range: Equatable {
    /// Of levels of 100 ms, from the 10th to the 95th percentile; see ``LoudnessMeter/levelRangeLU``.
    var levelsLU: Double
    /// Of loudness over 3 s after EBU Tech 3342.
    var loudnessLU: Double
    /// The mean loudness of what passes the gate of the first, in LUFS.
    var meanLUFS: Double
  }

  /// How far the levels would range behind a compressor, without its make-up.
  func range(_ compressor: Compressor?) -> Range {
    var tenths: [Double] = []
    let hops = Int(Self.rate / 10)
    let processor = StereoCompressor(sampleRate: Self.rate, maximumFrameCount: Self.chunk)
    if var compressor {
      compressor.makeupDB = 0
      processor.set(compressor)
      processor.finishMoving()
    }
    var block = AudioBuffer(channelCount: 2, frameCount: Self.chunk)
    var key = AudioBuffer(channelCount: 2, frameCount: Self.chunk)
    for start in stride(from: 0, to: peaks.count / hops * hops, by: Self.chunk) {
      let count = min(Self.chunk, peaks.count / hops * hops - start)
      block.withStereoBlock { block in
        key.withStereoBlock { key in
          for i in 0..<count {
            (block.left[i], block.right[i]) = (amplitudes[start + i], 0)
            (key.left[i], key.right[i]) = (peaks[start + i], 0)
          }
          let part = block.slice(from: 0, count: count)
          if compressor != nil { processor.process(part, key: key.slice(from: 0, count: count)) }
          for first in stride(from: 0, to: count, by: hops) {
            var sum = 0.0
            for i in first..<first + hops { sum += Double(part.left[i]) * Double(part.left[i]) }
            tenths.append(sum / Double(hops))
          }
        }
      }
    }
    let levels = LoudnessHistogram()
    for power in tenths { levels.add(power: power) }
    let loudness = LoudnessHistogram()
    var sum = tenths.prefix(29).reduce(0, +)
    for index in tenths.indices.dropFirst(29) {
      sum += tenths[index]
      loudness.add(power: max(0, sum) / 30)
      sum -= tenths[index - 29]
    }
    let absolute = levels.meanPower(above: -70)
    let gate = absolute.map { LoudnessMeter.loudness(power: $0) - 20 } ?? 0
    let mean = levels.meanPower(above: gate).map { LoudnessMeter.loudness(power: $0) }
    return Range(
      levelsLU: levels.range, loudnessLU: loudness.range, meanLUFS: mean ?? -.infinity)
  }

  /// The largest peak over the mean level while the signal sounds, in dB; and that peak in dBFS.
  var crest: (crestDB: Double, peakDB: Double) {
    let largest = Double(peaks.max() ?? 0)
    let mean = range(nil).meanLUFS + 0.691 - Decibels.level(power: 2)
    let peakDB = Decibels.level(amplitude: largest)
    return (mean.isFinite ? max(0, peakDB - mean) : 0, peakDB)
  }
}
