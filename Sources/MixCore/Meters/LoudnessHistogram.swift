// SPDX-License-Identifier: MIT

/// Loudness values by hundredths of a LU, so that memory does not grow with time.
///
/// Powers are summed in each class, so that means are exact; only whether a value of a class passes a gate is
/// known to 0.01 LU.
public final class LoudnessHistogram {
  /// What is too soft to count at all.
  public enum AbsoluteGate: Sendable {
    /// Below -70 LUFS (ITU-R BS.1770-4).
    case standard
    /// More than 50 LU under the loudest value, so that the gain of a recording changes nothing.
    case belowLoudest
  }

  private static let highest = 30.0

  private let absoluteGate: AbsoluteGate
  private let lowest: Double
  private let counts: Storage<UInt32>
  private let powers: Storage<Double>
  private var loudest = -Double.infinity

  /// A histogram of nothing.
  public init(absoluteGate: AbsoluteGate = .standard) {
    self.absoluteGate = absoluteGate
    lowest =
      switch absoluteGate {
      case .standard: -70
      case .belowLoudest: -150
      }
    let count = Int((Self.highest - lowest) * 100)
    counts = Storage(count: count, repeating: 0)
    powers = Storage(count: count, repeating: 0)
  }

  /// The loudness below which nothing counts, in LUFS.
  public var absoluteLUFS: Double {
    switch absoluteGate {
    case .standard: lowest
    case .belowLoudest: max(lowest, loudest - 50)
    }
  }

  /// Forgets everything.
  public func reset() {
    counts.reset()
    powers.reset()
    loudest = -.infinity
  }

  /// Adds a block.
  public func add(power: Double) {
    let loudness = LoudnessMeter.loudness(power: power)
    guard loudness >= lowest else { return }
    loudest = max(loudest, loudness)
    let index = min(counts.count - 1, Int((loudness - lowest) * 100))
    counts[index] += 1
    powers[index] += power
  }

  /// The mean power of the blocks above a gate in LUFS; nil where there is none.
  public func meanPower(above gate: Double) -> Double? {
    var sum = 0.0
    var count = 0.0
    for index in 0..<counts.count where counts[index] > 0 {
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
    guard let mean = meanPower(above: absoluteLUFS) else { return 0 }
    let gate = max(absoluteLUFS, LoudnessMeter.loudness(power: mean) - 20)
    var total = 0
    for index in 0..<counts.count where passes(index, gate) { total += Int(counts[index]) }
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
    for index in 0..<counts.count where passes(index, gate) {
      seen += Int(counts[index])
      if seen > rank {
        return LoudnessMeter.loudness(power: powers[index] / Double(counts[index]))
      }
    }
    return lowest
  }
}
