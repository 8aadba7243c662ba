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
    /// Of levels of 100 ms, from the 10th to the 95th percentile of those that count.
    var levelsLU: Double
    /// Of loudness over 3 s after EBU Tech 3342.
    var loudnessLU: Double
    /// The 95th percentile of the levels that count, in LUFS.
    var loudLUFS: Double
    /// The mean of the levels that count, in LUFS.
    var meanLUFS: Double
  }

  /// Which tenths of a second count: those with singing that are at most 20 LU under their mean, as
  /// ``LoudnessMeter/levelRangeLU`` has it.
  ///
  /// What counted before a compressor counts behind it, so that the range is monotone in its threshold until all that
  /// counts is over it: the gate of a meter comes down with the mean, and lets ever softer moments in.
  func counted(while activity: VoiceActivity) -> [Bool] {
    let tenths = tenths(nil)
    let least = Self.mean(tenths, activity.frames) / 100
    return zip(tenths, activity.frames).map { $1 && $0 > 0 && $0 >= least }
  }

  /// How far the levels would range behind a compressor, without its make-up.
  ///
  /// - Parameter counted: Which tenths of a second count.
  func range(_ compressor: Compressor?, over counted: [Bool]) -> Range {
    let tenths = tenths(compressor)
    let levels = zip(tenths, counted).filter(\.1).map(\.0).sorted()
    func percentile(_ share: Double) -> Double {
      guard let last = levels.indices.last else { return -70 }
      return LoudnessMeter.loudness(power: levels[Int((Double(last) * share).rounded())])
    }
    let loudness = LoudnessHistogram()
    var sum = tenths.prefix(29).reduce(0, +)
    for index in tenths.indices.dropFirst(29) {
      sum += tenths[index]
      loudness.add(power: max(0, sum) / 30)
      sum -= tenths[index - 29]
    }
    return Range(
      levelsLU: percentile(0.95) - percentile(0.1), loudnessLU: loudness.range,
      loudLUFS: percentile(0.95),
      meanLUFS: LoudnessMeter.loudness(power: Self.mean(tenths, counted)))
  }

  private static func mean(_ powers: [Double], _ counted: [Bool]) -> Double {
    var (sum, count) = (0.0, 0.0)
    for (power, counts) in zip(powers, counted) where counts {
      sum += power
      count += 1
    }
    return sum / max(1, count)
  }

  /// The K-weighted powers of tenths of a second behind a compressor.
  private func tenths(_ compressor: Compressor?) -> [Double] {
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
    return tenths
  }

  /// The largest peak in dBFS.
  var peakDB: Double { Decibels.level(amplitude: Double(peaks.max() ?? 0)) }

  /// The largest peak over a mean level, in dB.
  ///
  /// - Parameter meanLUFS: Of what counts; see ``Range``.
  func crestDB(meanLUFS: Double) -> Double {
    let mean = meanLUFS + 0.691 - Decibels.level(power: 2)
    return mean.isFinite ? max(0, peakDB - mean) : 0
  }

  /// (frames): the largest peak of every tenth of a second in dBFS.
  var tenthPeaksDB: [Double] {
    let hops = Int(Self.rate / 10)
    return stride(from: 0, to: peaks.count / hops * hops, by: hops).map { first in
      Decibels.level(amplitude: Double(peaks[first..<first + hops].max() ?? 0))
    }
  }
}
