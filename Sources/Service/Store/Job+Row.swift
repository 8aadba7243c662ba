// SPDX-License-Identifier: MIT
import Foundation

/// A job is a row; settings, inputs, result and failure are JSON in it, dates are seconds since 1970.
extension Job {
  init(_ row: SQLRow) throws {
    guard let id = JobID(try row.text("id")), let kind = JobKind(rawValue: try row.text("kind")),
      let state = JobState(rawValue: try row.text("state"))
    else { throw SQLRow.Failure(column: "id, kind or state") }
    sequence = try row.integer("sequence")
    self.id = id
    client = ClientID(description: try row.text("client"))
    self.kind = kind
    key = ContentKey(stored: try row.text("key"))
    sourceKey = row.textIfAny("sourceKey").map { ContentKey(stored: $0) }
    settings = try row.json("settings")
    inputs = try row.json("inputs")
    name = try row.text("name")
    audioSeconds = try row.real("audioSeconds")
    createdAt = try row.date("createdAt")
    self.state = state
    version = Int(try row.integer("version"))
    progress = try row.real("progress")
    stage = row.textIfAny("stage")
    secondsLeft = row.realIfAny("secondsLeft")
    startedAt = row.dateIfAny("startedAt")
    finishedAt = row.dateIfAny("finishedAt")
    expiresAt = row.dateIfAny("expiresAt")
    attempt = Int(try row.integer("attempt"))
    worker = row.textIfAny("worker")
    leaseUntil = row.dateIfAny("leaseUntil")
    result = try row.jsonIfAny("result")
    failure = try row.jsonIfAny("failure")
    trace = row.textIfAny("trace")
    terms = try row.jsonIfAny("terms") ?? JobTerms()
  }

  /// The columns that never change once the job is there.
  private var constants: [(String, any SQLArgument)] {
    get throws {
      [
        ("id", id), ("client", client), ("kind", kind), ("key", key), ("sourceKey", sourceKey),
        ("settings", try Self.json(settings)), ("inputs", try Self.json(inputs)), ("name", name),
        ("audioSeconds", audioSeconds), ("createdAt", createdAt), ("trace", trace),
        ("terms", try Self.json(terms)),
      ]
    }
  }

  /// The columns that tell how it stands.
  private var standing: [(String, any SQLArgument)] {
    get throws {
      [
        ("state", state), ("version", version), ("progress", progress), ("stage", stage),
        ("secondsLeft", secondsLeft), ("startedAt", startedAt), ("finishedAt", finishedAt),
        ("expiresAt", expiresAt), ("attempt", attempt), ("worker", worker),
        ("leaseUntil", leaseUntil), ("result", try result.map(Self.json)),
        ("failure", try failure.map(Self.json)),
      ]
    }
  }

  /// Adds its row.
  ///
  /// - Returns: The job with its place in the order of arrival.
  func inserted(in session: any SQLSession) throws -> Job {
    let columns = try constants + standing
    let names = columns.map(\.0).joined(separator: ", ")
    let marks = columns.map { _ in "?" }.joined(separator: ", ")
    let rows = try session.rows(
      "INSERT INTO job (\(names)) VALUES (\(marks)) RETURNING sequence", columns.map(\.1))
    var job = self
    job.sequence = try rows.first?.integer("sequence")
    return job
  }

  /// Keeps how it stands.
  func update(in session: any SQLSession) throws {
    let columns = try standing
    let names = columns.map { "\($0.0) = ?" }.joined(separator: ", ")
    try session.execute("UPDATE job SET \(names) WHERE id = ?", columns.map(\.1) + [id])
  }

  private static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
