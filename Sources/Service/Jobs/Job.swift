// SPDX-License-Identifier: MIT
import Foundation

/// What a client asked for, and how far it has come.
///
/// Jobs with the same `key` want the same thing: they are worked on together, once.
struct Job: Codable, Sendable, Equatable {
  /// The order of arrival; nil before the job is stored.
  var sequence: Int64?
  let id: JobID
  /// Who asked.
  let client: ClientID
  let kind: JobKind
  /// What the result depends on.
  let key: ContentKey
  /// The result that this one is made of, for a mix.
  let sourceKey: ContentKey?
  let settings: JobSettings
  let inputs: [JobInput]
  /// What the result is called, without an ending.
  let name: String
  /// The seconds of audio, as far as they are known.
  let audioSeconds: Double
  var createdAt: Date

  var state = JobState.queued
  /// Grows with every change.
  var version = 1
  /// The part that is done, 0…1.
  var progress = 0.0
  /// What is being done, in a word.
  var stage: String?
  /// The seconds that the work will still take, where they can be told.
  var secondsLeft: Double?
  var startedAt: Date?
  var finishedAt: Date?
  /// When the result goes.
  var expiresAt: Date?
  /// How often it was begun.
  var attempt = 0
  /// The worker that has it, while it runs.
  var worker: String?
  /// When it counts as abandoned unless the worker says something.
  var leaseUntil: Date?
  var result: JobResult?
  var failure: JobFailure?
  var terms = JobTerms()
  /// The span in which it was asked for, where there are traces.
  let trace: String?

  init(
    client: ClientID, kind: JobKind, key: ContentKey, sourceKey: ContentKey? = nil,
    settings: JobSettings, inputs: [JobInput], name: String, audioSeconds: Double, createdAt: Date
  ) {
    self.id = JobID()
    self.client = client
    self.kind = kind
    self.key = key
    self.sourceKey = sourceKey
    self.settings = settings
    self.inputs = inputs
    self.name = name
    self.audioSeconds = audioSeconds
    self.createdAt = createdAt
    trace = TraceContext.current?.text
  }
}

extension Job {
  /// About how large its result is: stereo in 32-bit floats, the song and its stems.
  var expectedBytes: Int {
    let files =
      switch settings {
      case .separation(let settings):
        1 + (settings.twoStems == nil ? settings.stems?.count ?? 4 : 2)
      case .preparation: 3
      case .mix: 1
      }
    let rate = inputs.map(\.sampleRate).max() ?? 48_000
    return Int(min(audioSeconds, 1e9) * Double(rate * files * 2 * MemoryLayout<Float>.size))
  }
}

/// What was promised when a job was taken in.
struct JobTerms: Codable, Sendable, Equatable {
  /// The seconds for which it is kept when it has ended.
  var keep = 7 * 86_400.0
  /// The longest song in seconds.
  var audioSeconds = 3.0 * 3600
}

/// A file that a client sent.
struct JobInput: Codable, Sendable, Equatable {
  /// `file`, `vocal` or `backing`.
  let role: String
  /// The name that the client gave it, for people only.
  let name: String
  let sha256: String
  /// What it is called in a bucket, where there is one: each time something else, so that what is removed is never what
  /// was just sent.
  var object: String?
  let byteCount: Int
  /// The length as the header has it, where it says.
  let durationSeconds: Double?
  let sampleRate: Int
  let channelCount: Int
}

/// Why a job failed.
struct JobFailure: Codable, Sendable, Equatable {
  let code: String
  let message: String
}
