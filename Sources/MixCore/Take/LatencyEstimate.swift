// SPDX-License-Identifier: MIT

/// How late a take is against its backing, from where sounds begin in both.
///
/// The cross-correlation of the onset envelopes, normalised by what overlaps at each lag, with a parabola through
/// its peak. A take matches its backing by the bleed in it, or because it is sung on the beat.
public struct LatencyEstimate: Sendable, Equatable {
  /// The largest latency that is looked for, in seconds, to both sides.
  public static let largestSeconds = 2.0
  /// The confidence from which on a latency is to be believed.
  public static let trustedConfidence = 0.75

  /// How late the take is; negative where it is early.
  public var seconds: Double
  /// How far the peak stands out from all other lags, 0 to 1.
  public var confidence: Double

  /// How much less a lag of ``largestSeconds`` counts than none.
  private static let prior = 0.05
  /// Lags nearer to the peak than this belong to it.
  private static let peakSeconds = 0.06
  /// How many deviations the peak has to lie above the middle for no confidence, and for all of it.
  private static let deviations = (none: 5.0, full: 9.0)
  /// How much higher the peak has to be than the second one for no confidence, and for all of it.
  private static let distinction = (none: 1.05, full: 1.35)

  /// Finds the latency; nil where one of the two has no onsets or they are too short to be compared.
  ///
  /// - Complexity: O(frames · lags).
  public init?(take: OnsetEnvelope, backing: OnsetEnvelope) {
    let largest = Int(Self.largestSeconds / OnsetEnvelope.hopSeconds) + 1
    guard !take.isSilent, !backing.isSilent else { return nil }
    let scores = Self.scores(take, backing, largest)
    guard
      let best = scores.indices.max(by: { Self.weighted(scores, $0) < Self.weighted(scores, $1) }),
      scores[best] > 0
    else { return nil }
    var place = Double(best - largest)
    if best > 0, best + 1 < scores.count {
      let (a, b, c) = (scores[best - 1], scores[best], scores[best + 1])
      let curvature = a - 2 * b + c
      if curvature < 0 { place += min(max((a - c) / (2 * curvature), -0.5), 0.5) }
    }
    seconds = place * OnsetEnvelope.hopSeconds
    confidence = Self.confidence(scores, best)
  }

  private static func weighted(_ scores: [Double], _ index: Int) -> Double {
    let largest = Double(scores.count / 2)
    return scores[index] * (1 - prior * abs(Double(index) - largest) / largest)
  }

  /// (2 · largest + 1): how well the two match at each lag from -largest to largest.
  private static func scores(_ take: OnsetEnvelope, _ backing: OnsetEnvelope, _ largest: Int)
    -> [Double]
  {
    let (takePowers, backingPowers) = (sums(take), sums(backing))
    // Half a second has to overlap.
    let least = Int(0.5 / OnsetEnvelope.hopSeconds)
    var scores = [Double](repeating: 0, count: 2 * largest + 1)
    let longest = Double(min(take.frameCount, backing.frameCount))
    take.rises.withUnsafeBufferPointer { x in
      backing.rises.withUnsafeBufferPointer { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return }
        for lag in -largest...largest {
          let first = max(0, -lag)
          let count = min(backing.frameCount, take.frameCount - lag) - first
          guard count >= least else { continue }
          var product = 0.0
          for band in 0..<OnsetEnvelope.bandCount {
            product += longProduct(
              x + band * take.frameCount + first + lag, y + band * backing.frameCount + first,
              count: count)
          }
          let power =
            (takePowers[first + lag + count] - takePowers[first + lag])
            * (backingPowers[first + count] - backingPowers[first])
          guard power > 0 else { continue }
          // A short overlap is worth less: its correlation is less certain.
          scores[lag + largest] =
            product / power.squareRoot() * (Double(count) / longest).squareRoot()
        }
      }
    }
    return scores
  }

  /// The sum of products of single precision, in parts short enough to stay exact.
  private static func longProduct(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int
  ) -> Double {
    var sum = 0.0
    var start = 0
    while start < count {
      let part = min(4096, count - start)
      sum += Double(dotProduct(x + start, y + start, count: part))
      start += part
    }
    return sum
  }

  /// (frames + 1): the powers of all bands before each frame, summed.
  private static func sums(_ envelope: OnsetEnvelope) -> [Double] {
    var sums = [0.0]
    sums.reserveCapacity(envelope.frameCount + 1)
    var sum = 0.0
    for frame in 0..<envelope.frameCount {
      for band in 0..<OnsetEnvelope.bandCount {
        let value = Double(envelope.rises[band * envelope.frameCount + frame])
        sum += value * value
      }
      sums.append(sum)
    }
    return sums
  }

  private static func confidence(_ scores: [Double], _ best: Int) -> Double {
    let near = Int(peakSeconds / OnsetEnvelope.hopSeconds)
    let others = scores.indices.filter { abs($0 - best) > near }.map { scores[$0] }.sorted()
    guard let second = others.last else { return 0 }
    let median = others[others.count / 2]
    let deviations = others.map { abs($0 - median) }.sorted()
    // The median deviation of a normal distribution is 0.6745 of its standard deviation.
    let deviation = max(deviations[deviations.count / 2] / 0.6745, 1e-9)
    let height = (scores[best] - median) / deviation
    let ratio = second > median ? (scores[best] - median) / (second - median) : 1e9
    return share(height, Self.deviations) * share(ratio, distinction)
  }

  private static func share(_ value: Double, _ range: (none: Double, full: Double)) -> Double {
    min(max((value - range.none) / (range.full - range.none), 0), 1)
  }
}
