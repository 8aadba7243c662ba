// SPDX-License-Identifier: MIT
import MixCore

extension AnalysedStems {
  /// By how much the powers of a sum may differ from those of its parts, which have something in common.
  private static let largestDifference = 0.15
  /// What one part may have of a sum, as a share of its power.
  private static let largestShare = 0.8

  /// Pairs of names of stems that hold the same sound at the same level.
  public var sameStems: [(String, String)] {
    let heard = stems.filter { !$0.isSilent }
    var pairs: [(String, String)] = []
    for (index, stem) in heard.enumerated() {
      for other in heard[(index + 1)...]
      where stem.features == other.features && stem.bands == other.bands {
        pairs.append((stem.name, other.name))
      }
    }
    return pairs
  }

  /// The names of stems that seem to be the sum of all others: a mix among its parts.
  ///
  /// Told by the octaves over time, where no part is nearly all of it, and of stems that are the same only by one.
  public var sums: [String] {
    let twins = sameStems.map(\.1)
    let heard = stems.filter { !$0.isSilent && !twins.contains($0.name) }
    guard heard.count >= 3 else { return [] }
    return heard.filter { mix in
      let parts = heard.filter { $0.name != mix.name }
      let largest = parts.map(\.totalPower).max() ?? 0
      guard largest < Self.largestShare * mix.totalPower else { return false }
      var (difference, total) = (0.0, 0.0)
      for frame in 0..<mix.bands.frameCount {
        for band in 0..<BandLevels.bandCount {
          let own = Double(mix.bands.power(frame: frame, band: band))
          let others = parts.reduce(0.0) {
            frame < $1.bands.frameCount
              ? $0 + Double($1.bands.power(frame: frame, band: band)) : $0
          }
          difference += abs(own - others)
          total += own
        }
      }
      return total > 0 && difference < Self.largestDifference * total
    }.map(\.name)
  }
}

extension StemAnalysis {
  /// The power of all of it.
  fileprivate var totalPower: Double {
    (0..<bands.frameCount).reduce(0.0) { sum, frame in
      (0..<BandLevels.bandCount).reduce(sum) { $0 + Double(bands.power(frame: frame, band: $1)) }
    }
  }
}
