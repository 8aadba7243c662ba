// SPDX-License-Identifier: MIT
import Foundation
import GRDB

extension SQLiteJobStore {
  func queue() async throws(ServiceError) -> QueueSnapshot {
    try await read { db in
      QueueSnapshot(
        waiting: try Self.order(db),
        running: try Job.fetchAll(
          db, sql: "SELECT * FROM job WHERE state = 'running' GROUP BY key"))
    }
  }

  private static func order(_ db: Database) throws -> QueueOrder {
    let waiting = try Job.fetchAll(
      db, sql: "SELECT * FROM job WHERE state = 'queued' ORDER BY sequence")
    var lastBegun: [ClientID: Date] = [:]
    for row in try Row.fetchAll(db, sql: "SELECT client, lastBegun FROM turn") {
      lastBegun[ClientID(description: row["client"])] = Date(
        timeIntervalSince1970: row["lastBegun"])
    }
    return QueueOrder(
      waiting: waiting.map {
        QueueOrder.Entry(
          id: $0.id, client: $0.client, kind: $0.kind, audioSeconds: $0.audioSeconds)
      }, lastBegun: lastBegun)
  }

  func claim(
    worker: String, now: Date, leaseUntil: Date
  ) async throws(ServiceError) -> Job? {
    try await write { db in
      guard let next = try Self.order(db).entries.first,
        let job = try Job.fetchOne(
          db, sql: "SELECT * FROM job WHERE id = ?", arguments: [next.id.description])
      else { return nil }
      try db.execute(
        sql: """
          UPDATE job SET state = 'running', attempt = attempt + 1, startedAt = ?, worker = ?,
          leaseUntil = ?, progress = 0, stage = NULL, version = version + 1
          WHERE key = ? AND state = 'queued'
          """,
        arguments: [
          now.timeIntervalSince1970, worker, leaseUntil.timeIntervalSince1970, job.key.description,
        ])
      try db.execute(
        sql: """
          INSERT INTO turn (client, lastBegun) VALUES (?, ?)
          ON CONFLICT (client) DO UPDATE SET lastBegun = excluded.lastBegun
          """, arguments: [job.client.description, now.timeIntervalSince1970])
      return try Job.fetchOne(
        db, sql: "SELECT * FROM job WHERE id = ?", arguments: [job.id.description])
    }
  }

  func report(
    _ progress: JobProgress, key: ContentKey, worker: String, leaseUntil: Date
  ) async throws(ServiceError) -> Bool {
    try await write { db in
      try db.execute(
        sql: """
          UPDATE job SET progress = ?, stage = ?, secondsLeft = ?, leaseUntil = ?,
          version = version + 1 WHERE key = ? AND state = 'running' AND worker = ?
          """,
        arguments: [
          progress.fraction, progress.stage, progress.secondsLeft,
          leaseUntil.timeIntervalSince1970, key.description, worker,
        ])
      return db.changesCount > 0
    }
  }

  func renew(worker: String, leaseUntil: Date) async throws(ServiceError) {
    try await write { db in
      try db.execute(
        sql: "UPDATE job SET leaseUntil = ? WHERE worker = ? AND state = 'running'",
        arguments: [leaseUntil.timeIntervalSince1970, worker])
    }
  }

  func finish(
    _ outcome: JobOutcome, key: ContentKey, worker: String, now: Date, expiresAt: Date
  ) async throws(ServiceError) {
    try await write { db in
      let jobs = try Job.fetchAll(
        db, sql: "SELECT * FROM job WHERE key = ? AND state = 'running' AND worker = ?",
        arguments: [key.description, worker])
      for var job in jobs {
        switch outcome {
        case .succeeded(let result):
          (job.state, job.progress, job.result) = (.succeeded, 1, result)
        case .failed(let failure):
          (job.state, job.failure) = (.failed, failure)
        }
        job.end(now: now, expiresAt: expiresAt)
        try job.update(db)
      }
    }
  }

  func release(key: ContentKey, worker: String) async throws(ServiceError) {
    try await write { db in
      try db.execute(
        sql: """
          UPDATE job SET state = 'queued', attempt = attempt - 1, startedAt = NULL, worker = NULL,
          leaseUntil = NULL, progress = 0, stage = NULL, secondsLeft = NULL, version = version + 1
          WHERE key = ? AND state = 'running' AND worker = ?
          """, arguments: [key.description, worker])
    }
  }

  func recover(
    except worker: String?, now: Date, attempts: Int, expiresAt: Date
  ) async throws(ServiceError) -> Int {
    try await write { db in
      let abandoned =
        try worker.map { worker in
          try Job.fetchAll(
            db,
            sql: "SELECT * FROM job WHERE state = 'running' AND worker <> ? AND leaseUntil < ?",
            arguments: [worker, now.timeIntervalSince1970])
        } ?? Job.fetchAll(db, sql: "SELECT * FROM job WHERE state = 'running'")
      var count = 0
      for var job in abandoned {
        if job.attempt >= attempts {
          job.state = .failed
          job.failure = JobFailure(
            code: ServiceError.Code.failed.description,
            message:
              "The work was begun \(job.attempt) times and each time the service ended in the "
              + "middle of it; the file may be more than this machine can take.")
          job.end(now: now, expiresAt: expiresAt)
        } else {
          job.state = .queued
          (job.startedAt, job.worker, job.leaseUntil) = (nil, nil, nil)
          (job.progress, job.stage, job.secondsLeft) = (0, nil, nil)
          job.version += 1
          count += 1
        }
        try job.update(db)
      }
      return count
    }
  }

  func pace() async throws(ServiceError) -> [JobKind: Double] {
    try await read { db in
      var pace: [JobKind: Double] = [:]
      for kind in JobKind.allCases {
        pace[kind] = try Double.fetchOne(
          db,
          sql: """
            SELECT SUM(finishedAt - startedAt) / SUM(audioSeconds) FROM (
            SELECT * FROM job WHERE kind = ? AND state = 'succeeded' AND finishedAt > startedAt
            AND audioSeconds > 0 ORDER BY sequence DESC LIMIT 20)
            """, arguments: [kind.rawValue])
      }
      return pace
    }
  }
}

extension Job {
  /// Notes that the work has ended.
  fileprivate mutating func end(now: Date, expiresAt: Date) {
    finishedAt = now
    self.expiresAt = expiresAt
    (worker, leaseUntil, secondsLeft, stage) = (nil, nil, nil, nil)
    version += 1
  }
}
