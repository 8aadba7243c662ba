// SPDX-License-Identifier: MIT

/// Levels of which only differences within groups are known, put together: the least squares of what every group says.
struct LevelDifferences {
  private let count: Int
  /// (count, count): the normal equations, and (count): their right side.
  private var matrix: [Double]
  private var sums: [Double]
  /// (count): in how many groups each is.
  private var counts: [Double]

  /// Nothing is known of so many levels.
  init(count: Int) {
    self.count = count
    matrix = [Double](repeating: 0, count: count * count)
    sums = [Double](repeating: 0, count: count)
    counts = sums
  }

  /// Adds what is known of a group: the level of each member less the mean of the group.
  mutating func add(_ values: [Double], of members: [Int]) {
    let share = 1 / Double(members.count)
    for (value, a) in zip(values, members) {
      sums[a] += value
      counts[a] += 1
      for b in members { matrix[a * count + b] += (a == b ? 1 : 0) - share }
    }
  }

  /// The levels with a mean of 0; what no group compares stays near the mean.
  var levels: [Double] {
    // A little of the identity makes what is not compared 0, and hardly moves the rest.
    var levels = zip(sums, counts).map { $0 / max(1, $1) }
    for _ in 0..<200 {
      for a in 0..<count {
        var rest = sums[a]
        for b in 0..<count where b != a { rest -= matrix[a * count + b] * levels[b] }
        levels[a] = rest / (matrix[a * count + a] + 1e-6)
      }
    }
    let mean = levels.reduce(0, +) / Double(max(1, count))
    return levels.map { $0 - mean }
  }
}
