// SPDX-License-Identifier: MIT
import Foundation
import NeuralNetwork
import Separation

/// Where a run of learning stands: what has to be kept so that it can go on.
struct LearningState {
  /// What it was made from: songs and options.
  let identity: String
  var reports: [TaskReport] = []
  /// The networks of finished tasks.
  var finished: [String: [[NamedTensor]]] = [:]
  /// Of the task that is learned now: its networks, their optimizers, and the best networks so far.
  var current: [[NamedTensor]] = []
  var optimizers: [[NamedTensor]] = []
  var best: [[NamedTensor]] = []

  init(identity: String) { self.identity = identity }

  private static let format = "tonmeister learning 1"

  /// Reads a state; nil where there is none.
  ///
  /// - Throws: ``AutoMixError`` with the code `model` where it is damaged or of other songs or options.
  init?(path: String, of identity: String) throws(AutoMixError) {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let file = try ModelFile(path: path, format: Self.format)
    guard file.text("identity") == identity else {
      throw AutoMixError(
        code: .model,
        message: "\(path): this is the state of learning from other songs or with other settings; "
          + "name another folder, or remove it to begin anew.")
    }
    self.identity = identity
    reports = try file.decode("reports")
    for report in reports where report.isFinished && report.songCount > 0 {
      finished[report.task] = try file.groups("finished.\(report.task)")
    }
    current = try file.groups("current")
    optimizers = try file.groups("optimizers")
    best = try file.groups("best")
  }

  /// Writes the state; what was there before stays until it is complete.
  func write(to path: String) throws(AutoMixError) {
    var writer = ModelFileWriter(format: Self.format)
    writer.set("identity", identity)
    try writer.encode("reports", reports)
    for (task, tensors) in finished { writer.add("finished.\(task)", tensors) }
    writer.add("current", current)
    writer.add("optimizers", optimizers)
    writer.add("best", best)
    try writer.write(to: path)
  }
}
