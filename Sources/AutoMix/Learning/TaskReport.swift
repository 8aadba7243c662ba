// SPDX-License-Identifier: MIT

/// How learning one task went.
public struct TaskReport: Sendable, Equatable, Codable {
  /// What was learned: gains, level, range, equalizer or decay.
  public var task: String
  /// How many songs there were to learn it from, without those held out.
  public var songCount = 0
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

  init(task: String, songCount: Int, baseline: String, baselineError: Double) {
    self.task = task
    self.songCount = songCount
    self.baseline = baseline
    self.baselineError = baselineError
  }

  /// How many epochs an error is the mean of, so that a lucky one does not decide.
  static let epochsTogether = 5

  /// The smallest mean of the errors of five epochs in a row on the songs held out; the network of the last of them was
  /// kept. Infinite before the first epoch.
  public var smallestError: Double { meanErrors.min() ?? .infinity }

  /// For every epoch the mean of its error and those of up to four before it.
  var meanErrors: [Double] {
    heldOutErrors.indices.map { index in
      let together = heldOutErrors[max(0, index + 1 - Self.epochsTogether)...index]
      return together.reduce(0, +) / Double(together.count)
    }
  }

  /// Whether what was learned is better than the baseline, by a twentieth at least, on the songs held out, which also
  /// chose when to stop.
  public var isBetter: Bool { smallestError < 0.95 * baselineError }

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
