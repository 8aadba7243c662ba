// SPDX-License-Identifier: MIT
public import Audio
import MixCore

/// A guess of a room's reverberation time from singing in it.
///
/// After what is sung stops, the room decays freely. In octaves from 500 Hz to 4 kHz, stretches are looked for in which the
/// level falls in a straight line by 15 dB at least, and their slopes read, as Ratnam et al., "Blind estimation of
/// reverberation time" (JASA 114, 2003), and Löllmann et al., "An improved algorithm for blind reverberation time
/// estimation" (IWAENC 2010), do with likelihoods. A sound that fades by itself seems to be in a longer room, and none
/// seems to be in a shorter one, so that a lower quantile of the times counts.
public struct BlindDecayEstimate: Sendable, Equatable {
  /// RT60 in seconds.
  public let seconds: Double
  /// The range in which the middle half of the slopes lies, as RT60 in seconds.
  public let quartiles: ClosedRange<Double>
  /// How many decays were found.
  public let decayCount: Int

  private static let secondsPerFrame = 0.005
  private static let leastDrop = 15.0
  private static let leastCount = 6
  private static let quantile = 0.4
  /// The octaves that are looked at.
  private static let centresHz = [500.0, 1000, 2000, 4000]

  /// Looks for decays; nil where there are fewer than six.
  ///
  /// - Parameters:
  ///   - buffer: (1 or 2, frames).
  ///   - sampleRate: 8,000 to 192,000 Hz.
  public init?(_ buffer: AudioBuffer, sampleRate: Int) {
    var times: [Double] = []
    let rate = Double(sampleRate)
    for centre in Self.centresHz where centre * 2.0.squareRoot() < 0.49 * rate {
      times += Self.decays(Self.levels(buffer, rate, centre))
    }
    guard times.count >= Self.leastCount else { return nil }
    times.sort()
    func quantile(_ share: Double) -> Double { times[Int(share * Double(times.count - 1))] }
    seconds = quantile(Self.quantile)
    quartiles = quantile(0.25)...quantile(0.75)
    decayCount = times.count
  }

  /// (frames): the level in an octave in dB, every 5 ms, over 25 ms.
  private static func levels(_ buffer: AudioBuffer, _ rate: Double, _ centre: Double) -> [Double] {
    let root = 2.0.squareRoot()
    let filter = FilterCascade(capacity: 4, sampleRate: rate)
    filter.set(
      PassFilter(frequencyHz: centre / root, slope: .decibels24).highPassSections(sampleRate: rate)
        + PassFilter(frequencyHz: centre * root, slope: .decibels24)
        .lowPassSections(sampleRate: rate))
    filter.finishMoving()
    var powers: [Double] = []
    var (sum, frames, done) = (0.0, 0, 0)
    for start in stride(from: 0, to: buffer.frameCount, by: 16_384) {
      var block = buffer.frames(start..<min(buffer.frameCount, start + 16_384)).inStereo
      block.withStereoBlock { block in
        block.makeFinite()
        filter.process(block)
        for i in 0..<block.frameCount {
          let (l, r) = (Double(block.left[i]), Double(block.right[i]))
          sum += l * l + r * r
          frames += 1
          done += 1
          if done >= Int(Double(powers.count + 1) * rate * secondsPerFrame) {
            powers.append(sum / Double(frames))
            (sum, frames) = (0, 0)
          }
        }
      }
    }
    guard powers.count > 5 else { return [] }
    var total = powers[0..<4].reduce(0, +)
    return (2..<powers.count - 2).map { frame in
      total += powers[frame + 2]
      defer { total -= powers[frame - 2] }
      return Decibels.level(power: max(total / 5, 1e-16))
    }
  }

  /// The reverberation times of all free decays.
  private static func decays(_ levels: [Double]) -> [Double] {
    guard let loudest = levels.max() else { return [] }
    // What is 60 dB under the loudest, or little above what is always there, is noise.
    let sorted = levels.sorted()
    let noise = max(loudest - 60, sorted[sorted.count / 20] + 6)
    var times: [Double] = []
    var start = 0
    while start + 1 < levels.count {
      guard levels[start + 1] < levels[start] else {
        start += 1
        continue
      }
      // On until the level rises by more than it trembles.
      var (end, lowest) = (start + 1, levels[start + 1])
      while end + 1 < levels.count, levels[end + 1] < lowest + 3, levels[end + 1] > noise {
        end += 1
        lowest = min(lowest, levels[end])
      }
      while end > start, levels[end] > lowest { end -= 1 }
      if levels[start] - lowest >= leastDrop, let time = time(levels[start...end]) {
        times.append(time)
      }
      start = max(start + 1, end)
    }
    return times
  }

  /// The time of one decay, of what lies 3 dB under its beginning and lower; nil where that is no straight line.
  private static func time(_ levels: ArraySlice<Double>) -> Double? {
    guard let top = levels.first,
      let first = levels.firstIndex(where: { $0 <= top - 3 }), levels.endIndex - first >= 6,
      let line = DecayMeasurement.line(levels[first...]), line.slope < 0
    else { return nil }
    var error = 0.0
    for index in first..<levels.endIndex {
      let difference = levels[index] - (line.intercept + line.slope * Double(index))
      error += difference * difference
    }
    let deviation = (error / Double(levels.endIndex - first)).squareRoot()
    let drop = -line.slope * Double(levels.endIndex - first)
    let seconds = -60 / line.slope * secondsPerFrame
    return deviation < max(1, 0.1 * drop) && (0.05...12).contains(seconds) ? seconds : nil
  }
}
