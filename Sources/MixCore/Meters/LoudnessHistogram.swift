// SPDX-License-Identifier: MIT

/// Loudness values by hundredths of a LU, so that memory does not grow with time.
///
/// Powers are summed in each class, so that means are exact; only whether a value of a class passes a gate is
/// known to 0.01 LU.
public final class LoudnessHistogram {
  /// A histogram of nothing.
  public init() {}

  private static let lowest = -70.0
  private static let classCount = 10_000  // up to +30 LUFS

  private let counts = Storage<UInt32>(count: classCount, repeating: 0)
  private let powers = Storage<Double>(count: classCount, repeating: 0)

  /// Forgets everything.
  public func reset() {
    counts.reset()
    powers.reset()
  }

  /// Adds a block; what is below the absolute gate of -70 LUFS is left out.
  public func add(power: Double) {
    let loudness = LoudnessMeter.loudness(power: power)
    guard loudness >= Self.lowest else { return }
    let index = min(Self.classCount - 1, Int((loudness - Self.lowest) * 100))
    counts[index] += 1
    powers[index] += power
  }

  /// The mean power of the blocks above a gate in LUFS; nil where there is none.
  public func meanPower(above gate: Double) -> Double? {
    var sum = 0.0
    var count = 0.0
    for index in 0..<Self.classCount where counts[index] > 0 {
      let own = Double(counts[index])
      guard LoudnessMeter.loudness(power: powers[index] / own) >= gate else { continue }
      sum += powers[index]
      count += own
    }
    return count > 0 ? sum / count : nil
  }

  /// The loudness range after EBU Tech 3342: the distance of the 10th and the 95th percentile of the
  /// values at most 20 LU under their mean.
  public var range: Double {
    guard let mean = meanPower(above: Self.lowest) else { return 0 }
    let gate = LoudnessMeter.loudness(power: mean) - 20
    var total = 0
    for index in 0..<Self.classCount where passes(index, gate) { total += Int(counts[index]) }
    guard total > 0 else { return 0 }
    return percentile(0.95, of: total, gate) - percentile(0.1, of: total, gate)
  }

  private func passes(_ index: Int, _ gate: Double) -> Bool {
    counts[index] > 0
      && LoudnessMeter.loudness(power: powers[index] / Double(counts[index])) >= gate
  }

  private func percentile(_ share: Double, of total: Int, _ gate: Double) -> Double {
    let rank = Int((Double(total - 1) * share + 0.5).rounded(.down))
    var seen = 0
    for index in 0..<Self.classCount where passes(index, gate) {
      seen += Int(counts[index])
      if seen > rank {
        return LoudnessMeter.loudness(power: powers[index] / Double(counts[index]))
      }
    }
    return Self.lowest
  }
}
