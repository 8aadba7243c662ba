// SPDX-License-Identifier: MIT

/// What may be true of a listener: how much edits scatter, how fast the taste drifts, and how large
/// it is.
struct TasteHypothesis: Sendable {
  /// The standard deviation of an edit around the taste, in dB.
  var noise: Double
  /// What stays of the weights from one song to the next; the rest is drawn anew, so that their
  /// spread stays.
  var memory: Double
  /// The standard deviations of the weights in dB: of the constant, of a genre, of a feature.
  var spread: (constant: Double, genre: Double, feature: Double)

  static let noises = [0.5, 1, 2, 4]
  static let memories = [1, 0.97, 0.9]
  /// No taste at all; little of it; the same in all songs; by genre; by the features.
  static let spreads = [(0.0, 0.0, 0.0), (1, 0.5, 0.25), (3, 0.5, 0.25), (2, 3, 0.25), (2, 1, 2)]
}

/// Bayesian linear regression of one stem's residual on what is known of a song, with weights that
/// drift: a Kalman filter whose state are the weights (West and Harrison, Bayesian Forecasting and
/// Dynamic Models, 2nd edition, chapter 4).
struct ResidualFilter: Sendable {
  /// A constant, ten genres, four features.
  static let inputCount = 15

  /// (15): the mean of the weights.
  private(set) var mean: [Double]
  /// (15, 15): their covariance.
  private(set) var covariance: [Double]
  /// The logarithm of the probability of all that was seen.
  private(set) var logEvidence = 0.0

  private let hypothesis: TasteHypothesis

  init(_ hypothesis: TasteHypothesis) {
    self.hypothesis = hypothesis
    let count = Self.inputCount
    mean = [Double](repeating: 0, count: count)
    covariance = [Double](repeating: 0, count: count * count)
    for i in 0..<count { covariance[i * count + i] = Self.prior(hypothesis, i) }
  }

  /// The variance of a weight before anything was seen.
  private static func prior(_ hypothesis: TasteHypothesis, _ index: Int) -> Double {
    let spread = hypothesis.spread
    let deviation = index == 0 ? spread.constant : index <= 10 ? spread.genre : spread.feature
    return deviation * deviation
  }

  /// (15): what the regression sees of a song; the constant alone where nothing is known.
  static func inputs(_ features: SongFeatures?) -> [Double] {
    guard let features else { return [1] + [Double](repeating: 0, count: inputCount - 1) }
    var inputs = [1.0]
    for weight in features.genreWeights { inputs.append(min(max(weight, 0), 1)) }
    for value in [features.tempo, features.rms, features.centroid, features.flux] {
      inputs.append(min(max(2 * value - 1, -1), 1))
    }
    return inputs
  }

  /// Goes on to the next song.
  private mutating func advance() {
    let memory = hypothesis.memory
    guard memory < 1 else { return }
    let count = Self.inputCount
    for i in 0..<count { mean[i] *= memory }
    for i in 0..<count * count { covariance[i] *= memory * memory }
    for i in 0..<count {
      covariance[i * count + i] += (1 - memory * memory) * Self.prior(hypothesis, i)
    }
  }

  /// Learns a residual in dB from the inputs (15) of its song.
  mutating func observe(_ residual: Double, _ inputs: [Double]) {
    advance()
    let count = Self.inputCount
    var gain = [Double](repeating: 0, count: count)
    var variance = hypothesis.noise * hypothesis.noise
    var expected = 0.0
    for i in 0..<count {
      for j in 0..<count { gain[i] += covariance[i * count + j] * inputs[j] }
      variance += gain[i] * inputs[i]
      expected += mean[i] * inputs[i]
    }
    let error = residual - expected
    logEvidence -= 0.5 * (Elementary.log(2 * Double.pi * variance) + error * error / variance)
    for i in 0..<count {
      mean[i] += gain[i] * error / variance
      for j in 0..<count { covariance[i * count + j] -= gain[i] * gain[j] / variance }
    }
  }

  /// The taste in a song that comes next: mean and variance in dB.
  func predict(_ inputs: [Double]) -> (mean: Double, variance: Double) {
    let count = Self.inputCount
    let memory = hypothesis.memory
    var (mean, variance) = (0.0, 0.0)
    for i in 0..<count {
      mean += memory * self.mean[i] * inputs[i]
      var product = 0.0
      for j in 0..<count { product += covariance[i * count + j] * inputs[j] }
      variance += memory * memory * product * inputs[i]
      variance += (1 - memory * memory) * Self.prior(hypothesis, i) * inputs[i] * inputs[i]
    }
    return (mean, max(0, variance))
  }
}
