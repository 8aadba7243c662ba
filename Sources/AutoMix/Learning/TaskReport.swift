// SPDX-License-Identifier: MIT

/// How learning one task went.
public struct TaskReport: Sendable, Equatable, Codable {
  /// What was learned: gains, level, range, equalizer or decay.
  public var task: String
  /// How many songs there were to learn it from, without those held out.
  public var songCount = 0
  /// How many of the songs held out say something about it.
  public var heldOutCount = 0
  /// How many must, so that the error means something: one where a song has many examples, five where it has one.
  public var fewestHeldOut = 1
  /// What says the best that can be said without listening.
  public var baseline = ""
  /// The mean error of the baseline on the songs held out, in dB or LU; for times in natural logarithms.
  public var baselineError = 0.0
  /// The mean loss of every epoch.
  public var losses: [Double] = []
  /// The error on the songs held out after every epoch, in the unit of the baseline's.
  public var heldOutErrors: [Double] = []
  /// Whether it is over.
  public var isFinished = false

  init(task: String) {
    self.task = task
    isFinished = true
  }

  init(
    task: String, songCount: Int, heldOutCount: Int, fewestHeldOut: Int, baseline: String,
    baselineError: Double
  ) {
    self.task = task
    self.songCount = songCount
    self.heldOutCount = heldOutCount
    self.fewestHeldOut = fewestHeldOut
    self.baseline = baseline
    self.baselineError = baselineError
  }

  /// How many epochs an error is the mean of, so that a lucky one does not decide.
  static let epochsTogether = 5

  /// The smallest mean of the errors of five epochs in a row on the songs held out.
  ///
  /// The network of the last of them was kept. Infinite before the first epoch.
  public var smallestError: Double { meanErrors.min() ?? .infinity }

  /// For every epoch the mean of its error and those of the four before it, infinite where there are fewer; for all of a
  /// run that is shorter, the mean of all.
  var meanErrors: [Double] {
    let together = min(Self.epochsTogether, heldOutErrors.count)
    return heldOutErrors.indices.map { index in
      guard index + 1 >= together else { return .infinity }
      let together = heldOutErrors[index + 1 - together...index]
      return together.reduce(0, +) / Double(together.count)
    }
  }

  /// Whether what was learned is better than the baseline, by a twentieth at least, on enough songs held out, which also
  /// chose when to stop.
  public var isBetter: Bool {
    heldOutCount >= fewestHeldOut && smallestError < 0.95 * baselineError
  }

  /// Whether the last epoch ends the five of the smallest error so far; always before there are five.
  var isBestNow: Bool {
    heldOutErrors.count <= Self.epochsTogether || meanErrors.last == smallestError
  }

  mutating func add(loss: Double, error: Double) {
    losses.append(loss)
    heldOutErrors.append(error)
  }

  /// Whether the last epoch was learned, or the error has not become smaller for long.
  func isOver(_ options: Learner.Options) -> Bool {
    if isFinished || losses.count >= options.largestEpochCount { return true }
    guard let best = meanErrors.firstIndex(of: smallestError) else { return false }
    return losses.count - 1 - best >= options.patience
  }
}
