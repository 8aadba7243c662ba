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

  /// The smallest error on the songs held out, that of the network that was kept; infinite before the first epoch.
  public var smallestError: Double { heldOutErrors.min() ?? .infinity }

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
    guard let best = heldOutErrors.firstIndex(of: smallestError) else { return false }
    return losses.count - 1 - best >= options.patience
  }
}
