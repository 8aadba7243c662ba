// SPDX-License-Identifier: MIT

/// The loudest and the quietest bins of octave bands.
///
/// After Jiang et al., "Music type classification by spectral contrast feature" (ICME 2002), with the bands and
/// the share of 2 % that `librosa.feature.spectral_contrast` takes unless told.
final class SpectralContrast {
  /// 0 to 200 Hz, six octaves above.
  static let bandCount = 7
  private static let lowestEdge = 200.0
  private static let share = 0.02

  private struct Band {
    var firstBin: Int
    var count: Int
    /// How many bins count as peak and as valley.
    var rank: Int
  }

  private var bands: [Band] = []
  private let low: Storage<Float>  // (rank): the smallest values, descending
  private let high: Storage<Float>  // (rank): the largest values, ascending

  init(sampleRate: Double, frameLength: Int) {
    let binHz = sampleRate / Double(frameLength)
    let last = frameLength / 2
    var edge = Self.lowestEdge
    for index in 0..<Self.bandCount {
      var first = index == 0 ? 0 : Int((edge / 2 / binHz).rounded(.up)) - 1
      if first < 0 { first = 0 }
      // The bin at the upper end belongs to the next band, but counts for the rank.
      let end =
        index == Self.bandCount - 1 ? last : min(last, Int((edge / binHz).rounded(.down)))
      let count = end - first + 1
      let rank = max(1, Int((Self.share * Double(count)).rounded(.toNearestOrEven)))
      bands.append(
        Band(
          firstBin: first, count: index == Self.bandCount - 1 ? count : count - 1, rank: rank))
      edge *= 2
    }
    let rank = bands.reduce(1) { max($0, $1.rank) }
    low = Storage(count: rank, repeating: 0)
    high = Storage(count: rank, repeating: 0)
  }

  /// The means of the largest and of the smallest magnitudes of each band, (7) and (7), in dB of
  /// power, as librosa has it: 10 log10 of a magnitude, not below -100.
  func apply(
    _ magnitudes: UnsafePointer<Float>, peaks: UnsafeMutablePointer<Float>,
    valleys: UnsafeMutablePointer<Float>
  ) {
    for (index, band) in bands.enumerated() {
      let (smallest, largest) = extremes(magnitudes + band.firstBin, band.count, band.rank)
      peaks[index] = powerDecibels(largest / Float(band.rank))
      valleys[index] = powerDecibels(smallest / Float(band.rank))
    }
  }

  /// The sums of the `rank` smallest and of the `rank` largest values.
  private func extremes(
    _ x: UnsafePointer<Float>, _ count: Int, _ rank: Int
  ) -> (smallest: Float, largest: Float) {
    let (low, high) = (low.pointer, high.pointer)
    low.update(repeating: .infinity, count: rank)
    high.update(repeating: -1, count: rank)
    // Spectra fall towards high frequencies: begun at that end where an extreme is to be expected, few
    // values have to be sorted in.
    var i = 0
    while i < count {
      if i + 4 <= count, !any(loadLanes(x + i) .> high[0]) {
        i += 4
        continue
      }
      let value = x[i]
      if value > high[0] {
        var k = 0
        while k + 1 < rank, high[k + 1] < value {
          high[k] = high[k + 1]
          k += 1
        }
        high[k] = value
      }
      i += 1
    }
    i = count
    while i > 0 {
      if i >= 4, !any(loadLanes(x + i - 4) .< low[0]) {
        i -= 4
        continue
      }
      i -= 1
      let value = x[i]
      if value < low[0] {
        var k = 0
        while k + 1 < rank, low[k + 1] > value {
          low[k] = low[k + 1]
          k += 1
        }
        low[k] = value
      }
    }
    return (sum(low, count: rank), sum(high, count: rank))
  }
}
