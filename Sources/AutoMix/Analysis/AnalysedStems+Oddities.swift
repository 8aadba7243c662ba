// SPDX-License-Identifier: MIT
import MixCore

extension AnalysedStems {
  /// By how much the powers of a sum may differ from those of its parts, which have something in common; stems that are no
  /// sum differ from the sum of the others by more than all of their power.
  private static let largestDifference = 0.7
  /// What one part may have of a sum, as a share of its power.
  private static let largestShare = 0.8

  /// The names of stems that hold the same sound at the same level, two or more together.
  public var sameStems: [[String]] {
    var groups: [[StemAnalysis]] = []
    for stem in stems where !stem.isSilent {
      let index = groups.firstIndex { group in
        group[0].features == stem.features && group[0].bands == stem.bands
      }
      if let index { groups[index].append(stem) } else { groups.append([stem]) }
    }
    return groups.filter { $0.count > 1 }.map { $0.map(\.name) }
  }

  /// The names of stems that seem to be the sum of all others: a mix among its parts.
  ///
  /// Told by the octaves over time, where no part is nearly all of it, and of stems that are the same only by one.
  public var sums: [String] {
    let twins = sameStems.flatMap { $0.dropFirst() }
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
