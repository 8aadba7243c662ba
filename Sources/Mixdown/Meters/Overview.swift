// SPDX-License-Identifier: MIT

/// A long series of values as a picture needs it: a limited number of bins, each with its smallest and largest
/// value, that grow in length when there are too many.
struct Overview: Sendable, Equatable {
  /// The most bins.
  static let maximumBinCount = 2_048

  /// The smallest value of each bin.
  private(set) var lowest: [Float] = []
  /// The largest value of each bin.
  private(set) var highest: [Float] = []
  /// How many values make a bin.
  private(set) var valuesPerBin: Int
  private var low = Float.infinity
  private var high = -Float.infinity
  private var valueCount = 0

  init(valuesPerBin: Int = 1) { self.valuesPerBin = valuesPerBin }

  /// Appends a value.
  mutating func append(_ value: Float) {
    low = min(low, value)
    high = max(high, value)
    valueCount += 1
    guard valueCount == valuesPerBin else { return }
    lowest.append(low)
    highest.append(high)
    (low, high, valueCount) = (.infinity, -.infinity, 0)
    if lowest.count == Self.maximumBinCount { halve() }
  }

  private mutating func halve() {
    for index in 0..<lowest.count / 2 {
      lowest[index] = min(lowest[2 * index], lowest[2 * index + 1])
      highest[index] = max(highest[2 * index], highest[2 * index + 1])
    }
    lowest.removeLast(lowest.count / 2)
    highest.removeLast(highest.count / 2)
    valuesPerBin *= 2
  }
}
