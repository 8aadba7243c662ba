// SPDX-License-Identifier: MIT

/// Wiener's gains for what lies above an unwanted part of known power, never below a floor.
///
/// The ratio of wanted to unwanted is estimated by Ephraim and Malah's decision-directed approach (IEEE
/// Transactions on Acoustics, Speech, and Signal Processing 32 (6), 1984, equation 51), which with the floor and the
/// smoothing over neighbouring bins keeps single bins from ringing (“musical noise”; Cappé, IEEE Transactions on
/// Speech and Audio Processing 2 (2), 1994).
struct DecisionDirectedGate {
  /// The least gain.
  let floor: Float
  /// What the last frame counts, 0 to 1.
  let memory: Float

  private var wanted: [Float]  // (bins): the power that was left of the last frame
  private var raw: [Float]  // (bins)

  init(binCount: Int, reductionDB: Double, memory: Float) {
    floor = Float(Decibels.amplitude(-max(0, reductionDB)))
    self.memory = memory
    wanted = [Float](repeating: 0, count: binCount)
    raw = wanted
  }

  /// Computes the gains of the next frame.
  ///
  /// - Parameters:
  ///   - powers: (bins).
  ///   - unwanted: (bins): its expected power; 0 leaves a bin alone.
  ///   - gains: (bins): the result.
  mutating func process(powers: [Float], unwanted: [Float], into gains: inout [Float]) {
    for k in 0..<powers.count {
      guard unwanted[k] > 0 else {
        raw[k] = 1
        wanted[k] = powers[k]
        continue
      }
      let inverse = 1 / unwanted[k]
      let ratio =
        memory * wanted[k] * inverse + (1 - memory) * max(powers[k] * inverse - 1, 0)
      let gain = ratio / (1 + ratio)
      raw[k] = max(floor, gain)
      wanted[k] = gain * gain * powers[k]
    }
    let last = powers.count - 1
    gains[0] = raw[0]
    gains[last] = raw[last]
    for k in 1..<last {
      gains[k] = unwanted[k] > 0 ? (raw[k - 1] + 2 * raw[k] + raw[k + 1]) / 4 : 1
    }
  }
}
