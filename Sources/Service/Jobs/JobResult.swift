// SPDX-License-Identifier: MIT

/// What the work of a job made: the table of contents of a result's folder.
struct JobResult: Codable, Sendable, Equatable {
  /// An audio file of the result.
  struct Audio: Codable, Sendable, Equatable {
    /// The name of the stem, `original` or `mix`.
    let name: String
    /// The name of the file in the result's folder, which is ours and never a client's.
    let file: String
    let sampleRate: Int
    let channelCount: Int
    let frameCount: Int
  }

  /// The levels of a mix, where they are numbers.
  struct Levels: Codable, Sendable, Equatable {
    var integratedLUFS: Double?
    var truePeakDB: Double?
    var gainDB: Double?
  }

  /// Stands for these very bytes: a result that is made anew has another one.
  let revision: String
  var stems: [Audio] = []
  var original: Audio?
  var mix: Audio?
  var levels: Levels?
  /// The numbers that the network multiplied in, `f32` or `bf16`.
  var precision: String?
  /// What was odd, a sentence each.
  var warnings: [String] = []
  /// What was found and done, a sentence each.
  var because: [String] = []

  init() { revision = JobID().description }

  /// The stem of that name.
  func stem(_ name: String) -> Audio? { stems.first { $0.name == name } }
}
