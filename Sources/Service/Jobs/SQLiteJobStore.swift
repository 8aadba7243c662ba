// SPDX-License-Identifier: MIT
import Foundation
import GRDB

/// Keeps the jobs in a SQLite file with a write-ahead log.
final class SQLiteJobStore: JobStore {
  private let pool: DatabasePool

  /// Opens the file, which is made where it is missing, and brings it to the latest version.
  ///
  /// - Throws: `unavailable`.
  init(path: String) throws(ServiceError) {
    do {
      var configuration = Configuration()
      configuration.prepareDatabase { db in
        // What was committed survives the process at any moment; a power cut may cost the last moments, after
        // which they are computed again.
        try db.execute(sql: "PRAGMA synchronous = NORMAL")
      }
      configuration.busyMode = .timeout(10)
      pool = try DatabasePool(path: path, configuration: configuration)
      try DatabaseMigrator.service.migrate(pool)
    } catch {
      throw ServiceError(.unavailable, "\(path): the jobs cannot be kept there: \(error)")
    }
  }

  /// Reads; errors of the database become ours.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(ServiceError) -> Value {
    do { return try await pool.read(body) } catch { throw Self.failure(error) }
  }

  /// Changes something as a whole or not at all, also where the task that asks is cancelled: how a cancelled job
  /// ended has to be kept, too.
  func write<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(ServiceError) -> Value {
    let pool = pool
    do {
      return try await Task { try await pool.write(body) }.value
    } catch { throw Self.failure(error) }
  }

  private static func failure(_ error: any Error) -> ServiceError {
    if let error = error as? ServiceError { return error }
    if error is CancellationError { return .cancelled }
    if let error = error as? DatabaseError, error.resultCode == .SQLITE_FULL {
      return ServiceError(.full, "There is no space left to keep jobs; free some.")
    }
    return ServiceError(.unavailable, "The store of jobs failed: \(error)")
  }
}

// MARK: Jobs of clients

extension SQLiteJobStore {
  func submit(
    _ job: Job, queueLength: Int, adopt: @escaping @Sendable () throws(ServiceError) -> JobResult?
  ) async throws(ServiceError) -> Job {
    try await write { db in
      var job = job
      if let result = try adopt() {
        (job.state, job.progress, job.result) = (.succeeded, 1, result)
        (job.startedAt, job.finishedAt) = (job.createdAt, job.createdAt)
      } else if let leader = try Job.fetchOne(
        db, sql: "SELECT * FROM job WHERE key = ? AND state = 'running' LIMIT 1",
        arguments: [job.key.description])
      {
        (job.state, job.progress, job.stage) = (.running, leader.progress, leader.stage)
        (job.startedAt, job.attempt) = (leader.startedAt, leader.attempt)
        (job.worker, job.leaseUntil) = (leader.worker, leader.leaseUntil)
        (job.secondsLeft, job.expiresAt) = (leader.secondsLeft, nil)
      } else {
        let waiting =
          try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM job WHERE state = 'queued'") ?? 0
        guard waiting < queueLength else {
          throw ServiceError(.busy, "The queue is full; try again later.", retryAfterSeconds: 30)
        }
      }
      if !job.state.isFinal { job.expiresAt = nil }
      try job.insert(db)
      job.sequence = db.lastInsertedRowID
      return job
    }
  }

  func job(_ id: JobID) async throws(ServiceError) -> Job? {
    try await read { db in try Self.job(id, db) }
  }

  private static func job(_ id: JobID, _ db: Database) throws -> Job? {
    try Job.fetchOne(db, sql: "SELECT * FROM job WHERE id = ?", arguments: [id.description])
  }

  func jobs(
    of client: ClientID, before: JobID?, limit: Int
  ) async throws(ServiceError) -> [Job] {
    try await read { db in
      var last = Int64.max
      if let before {
        guard let job = try Self.job(before, db), job.client == client else { return [] }
        last = job.sequence ?? 0
      }
      return try Job.fetchAll(
        db,
        sql: """
          SELECT * FROM job WHERE client = ? AND sequence < ? AND state <> 'expired'
          ORDER BY sequence DESC LIMIT ?
          """, arguments: [client.description, last, limit])
    }
  }

  func newest(_ kind: JobKind, of client: ClientID) async throws(ServiceError) -> Job? {
    try await read { db in
      try Job.fetchOne(
        db,
        sql: """
          SELECT * FROM job WHERE client = ? AND kind = ? AND state NOT IN ('expired', 'cancelled')
          ORDER BY sequence DESC LIMIT 1
          """, arguments: [client.description, kind.rawValue])
    }
  }

  func cancel(
    _ id: JobID, now: Date, expiresAt: Date
  ) async throws(ServiceError) -> Job? {
    try await write { db in
      try db.execute(
        sql: """
          UPDATE job SET state = 'cancelled', finishedAt = ?, expiresAt = ?, worker = NULL,
          leaseUntil = NULL, secondsLeft = NULL, version = version + 1
          WHERE id = ? AND state IN ('queued', 'running')
          """,
        arguments: [now.timeIntervalSince1970, expiresAt.timeIntervalSince1970, id.description])
      return try Self.job(id, db)
    }
  }

  func remove(_ id: JobID) async throws(ServiceError) {
    try await write { db in
      try db.execute(
        sql: "DELETE FROM job WHERE id = ? AND state NOT IN ('queued', 'running')",
        arguments: [id.description])
    }
  }
}
