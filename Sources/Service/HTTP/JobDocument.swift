// SPDX-License-Identifier: MIT
import Foundation

/// A job as clients see it.
struct JobDocument: Encodable, Sendable {
  struct Stem: Encodable, Sendable {
    let name: String
    let url: String
    let peaksURL: String
    let sampleRate: Int
    let channelCount: Int
    let frameCount: Int
  }

  struct Input: Encodable, Sendable {
    let name: String
    let sha256: String
    let byteCount: Int
    let durationSeconds: Double?
    let sampleRate: Int
    let channelCount: Int
  }

  struct Links: Encodable, Sendable {
    let `self`: String
    let events: String
  }

  let id: JobID
  let version: Int
  let kind: JobKind
  let state: JobState
  let progress: Double
  let stage: String?
  let queuePosition: Int?
  let waitSeconds: Double?
  let secondsLeft: Double?
  let createdAt: Date
  let startedAt: Date?
  let finishedAt: Date?
  let expiresAt: Date?
  let attempt: Int
  let input: Input?
  /// The backing of a take.
  let backing: Input?
  let settings: SettingsDocument
  let warnings: [String]
  /// What was found in a take and done to it.
  let because: [String]?
  let error: Problem?
  let stems: [Stem]?
  let original: Stem?
  let mixURL: String?
  let levels: JobResult.Levels?
  let links: Links

  init(_ standing: JobQueue.Standing) {
    let job = standing.job
    let path = "/v1/jobs/\(job.id)"
    let result = job.state == .succeeded ? job.result : nil
    id = job.id
    version = job.version
    kind = job.kind
    state = job.state
    progress = job.progress
    stage = job.stage
    queuePosition = standing.position
    waitSeconds = standing.waitSeconds
    secondsLeft = job.secondsLeft
    createdAt = job.createdAt
    startedAt = job.startedAt
    finishedAt = job.finishedAt
    expiresAt = job.expiresAt
    attempt = job.attempt
    input = job.inputs.first.map(Input.init)
    backing = job.inputs.first { $0.role == "backing" }.map(Input.init)
    settings = SettingsDocument(job.settings)
    warnings = result?.warnings ?? []
    because = result.flatMap { $0.because.isEmpty ? nil : $0.because }
    error = job.failure.map(Problem.init)
    stems = result.flatMap { $0.stems.isEmpty ? nil : $0.stems }
      .map { $0.map { Stem($0, url: "\(path)/stems/\($0.name.percentEncoded())") } }
    original = result?.original.map { Stem($0, url: "\(path)/original") }
    mixURL = result?.mix == nil ? nil : "\(path)/mix"
    levels = result?.levels
    links = Links(self: path, events: "\(path)/events")
  }
}

extension JobDocument.Stem {
  fileprivate init(_ audio: JobResult.Audio, url: String) {
    self.init(
      name: audio.name, url: url, peaksURL: "\(url)/peaks", sampleRate: audio.sampleRate,
      channelCount: audio.channelCount, frameCount: audio.frameCount)
  }
}

extension JobDocument.Input {
  fileprivate init(_ input: JobInput) {
    self.init(
      name: input.name, sha256: input.sha256, byteCount: input.byteCount,
      durationSeconds: input.durationSeconds, sampleRate: input.sampleRate,
      channelCount: input.channelCount)
  }
}

/// The settings of a job under the names of the fields of its request.
struct SettingsDocument: Encodable, Sendable {
  private let settings: JobSettings

  init(_ settings: JobSettings) { self.settings = settings }

  private enum Key: String, CodingKey {
    case model, stems, precision, latency, denoise, debleed, tune, key
    case job, format, encoding, normalize
    case twoStems = "two-stems"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch settings {
    case .separation(let settings):
      try container.encode(settings.model, forKey: .model)
      try container.encode(settings.stems?.joined(separator: ",") ?? "all", forKey: .stems)
      try container.encodeIfPresent(settings.twoStems, forKey: .twoStems)
      try container.encode(settings.precision, forKey: .precision)
    case .preparation(let settings):
      try container.encodeIfPresent(settings.latency, forKey: .latency)
      try container.encode(settings.denoise, forKey: .denoise)
      try container.encode(settings.debleed, forKey: .debleed)
      try container.encode(settings.tune, forKey: .tune)
      try container.encodeIfPresent(settings.key, forKey: .key)
    case .mix(let settings):
      try container.encode(settings.job, forKey: .job)
      try container.encode(settings.format, forKey: .format)
      try container.encode(settings.encoding, forKey: .encoding)
      try container.encode(settings.normalize, forKey: .normalize)
    }
  }
}
