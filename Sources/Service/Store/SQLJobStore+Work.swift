// SPDX-License-Identifier: MIT
import Foundation

extension SQLJobStore {
  func queue() async throws(ServiceError) -> QueueSnapshot {
    try await database.read { session in
      let oldest = try session.rows(
        "SELECT MIN(createdAt) AS oldest FROM job WHERE state = 'queued'", []
      ).first?.dateIfAny("oldest")
      let now = try now(session)
      return QueueSnapshot(
        waiting: QueueOrder(
          waiting: try Self.waiting(session).map(\.entry), lastBegun: try Self.turns(session)),
        running: try session.rows(
          """
          SELECT * FROM job WHERE sequence IN
          (SELECT MIN(sequence) FROM job WHERE state = 'running' GROUP BY key)
          """, []
        ).map { try Job($0) },
        oldestSeconds: oldest.map { max(0, now.timeIntervalSince($0)) } ?? 0)
    }
  }

  /// What waits, in the order of its arrival.
  private static func waiting(
    _ session: any SQLSession
  ) throws -> [(entry: QueueOrder.Entry, key: String)] {
    try session.rows(
      """
      SELECT id, client, kind, audioSeconds, key FROM job WHERE state = 'queued' ORDER BY sequence
      """, []
    ).map { row in
      guard let id = JobID(try row.text("id")), let kind = JobKind(rawValue: try row.text("kind"))
      else { throw SQLRow.Failure(column: "id or kind") }
      return (
        QueueOrder.Entry(
          id: id, client: ClientID(description: try row.text("client")), kind: kind,
          audioSeconds: try row.real("audioSeconds")),
        try row.text("key")
      )
    }
  }

  private static func turns(_ session: any SQLSession) throws -> [ClientID: Date] {
    var lastBegun: [ClientID: Date] = [:]
    for row in try session.rows("SELECT client, lastBegun FROM turn", []) {
      lastBegun[ClientID(description: try row.text("client"))] = try row.date("lastBegun")
    }
    return lastBegun
  }

  func claim(
    worker: String, except refused: Set<ContentKey>
  ) async throws(ServiceError) -> Job? {
    try await database.write(.concurrent) { session in
      let waiting = try Self.waiting(session)
      let order = QueueOrder(
        waiting: waiting.map(\.entry), lastBegun: try Self.turns(session))
      let keys = Dictionary(waiting.map { ($0.entry.id, $0.key) }) { first, _ in first }
      var seen = Set(refused.map(\.description))
      for entry in order.entries {
        // The first of a group stands for it: who holds its row begins the group.
        guard let key = keys[entry.id], seen.insert(key).inserted,
          let first = waiting.first(where: { $0.key == key })?.entry.id,
          let row = try session.rows(
            "SELECT * FROM job WHERE id = ? AND state = 'queued'" + session.freeRowLock, [first]
          ).first
        else { continue }
        if let job = try begin(Job(row), of: entry.client, by: worker, session) { return job }
      }
      return nil
    }
  }

  /// Begins the group of a job that is ours alone, or lets it join where it was begun at this moment.
  private func begin(
    _ job: Job, of client: ClientID, by worker: String, _ session: any SQLSession
  ) throws -> Job? {
    func leader() throws -> Job? {
      try session.rows(
        "SELECT * FROM job WHERE key = ? AND state = 'running' LIMIT 1", [job.key]
      ).first.map { try Job($0) }
    }
    if try leader() != nil {
      // Who ends the group at this moment would leave behind what joins it.
      try session.exclude()
      if let leader = try leader() {
        var job = job
        job.join(leader)
        job.version += 1
        try job.update(in: session)
        return nil
      }
    }
    let now = try now(session)
    try session.execute(
      """
      UPDATE job SET state = 'running', attempt = attempt + 1, startedAt = ?, worker = ?,
      leaseUntil = ?, progress = 0, stage = NULL, version = version + 1
      WHERE key = ? AND state = 'queued'
      """, [now, worker, now.addingTimeInterval(policy.lease), job.key])
    try session.execute(
      """
      INSERT INTO turn (client, lastBegun) VALUES (?, ?)
      ON CONFLICT (client) DO UPDATE SET lastBegun = excluded.lastBegun
      """, [client, now])
    try session.notify(.progress)
    return try Self.job(job.id, session)
  }

  func report(
    _ progress: JobProgress, key: ContentKey, worker: String
  ) async throws(ServiceError) -> Bool {
    try await database.write(.concurrent) { session in
      let count = try session.execute(
        """
        UPDATE job SET progress = ?, stage = ?, secondsLeft = ?, leaseUntil = ?,
        version = version + 1 WHERE key = ? AND state = 'running' AND worker = ?
        """,
        [
          progress.fraction, progress.stage, progress.secondsLeft,
          try now(session).addingTimeInterval(policy.lease), key, worker,
        ])
      if count > 0 { try session.notify(.progress) }
      return count > 0
    }
  }

  func renew(worker: String) async throws(ServiceError) -> Set<ContentKey> {
    try await database.write(.concurrent) { session in
      try session.execute(
        "UPDATE job SET leaseUntil = ? WHERE worker = ? AND state = 'running'",
        [try now(session).addingTimeInterval(policy.lease), worker])
      let rows = try session.rows(
        "SELECT DISTINCT key FROM job WHERE worker = ? AND state = 'running'", [worker])
      return Set(try rows.map { ContentKey(stored: try $0.text("key")) })
    }
  }

  func finish(
    _ outcome: JobOutcome, key: ContentKey, worker: String
  ) async throws(ServiceError) {
    // Alone, so that no job joins a group that has ended.
    try await database.write(.exclusive) { session in
      let now = try now(session)
      let rows = try session.rows(
        "SELECT * FROM job WHERE key = ? AND state = 'running' AND worker = ?" + session.rowLock,
        [key, worker])
      for row in rows {
        var job = try Job(row)
        switch outcome {
        case .succeeded(let result):
          (job.state, job.progress, job.result) = (.succeeded, 1, result)
        case .failed(let failure):
          (job.state, job.failure) = (.failed, failure)
        }
        job.end(now: now)
        try job.update(in: session)
      }
      try session.notify(.progress)
    }
  }

  func release(key: ContentKey, worker: String, isCounted: Bool) async throws(ServiceError) {
    try await database.write(.concurrent) { session in
      try session.execute(
        """
        UPDATE job SET state = 'queued', attempt = attempt - ?, startedAt = NULL, worker = NULL,
        leaseUntil = NULL, progress = 0, stage = NULL, secondsLeft = NULL, version = version + 1
        WHERE key = ? AND state = 'running' AND worker = ?
        """, [isCounted ? 0 : 1, key, worker])
      try session.notify(.queue)
    }
  }

  func recover(except worker: String?) async throws(ServiceError) -> Int {
    try await database.write(.concurrent) { session in
      let now = try now(session)
      let running = "SELECT * FROM job WHERE state = 'running'"
      let abandoned =
        try worker.map { worker in
          try session.rows(
            running + " AND worker <> ? AND leaseUntil < ?" + session.freeRowLock, [worker, now])
        } ?? session.rows(running, [])
      var count = 0
      for row in abandoned {
        var job = try Job(row)
        if job.attempt >= policy.attempts {
          job.state = .failed
          job.failure = JobFailure(
            code: ServiceError.Code.failed.description,
            message:
              "The work was begun \(job.attempt) times and each time its worker ended or fell silent in "
              + "the middle of it; the file may be more than a machine can take.")
          job.end(now: now)
        } else {
          job.state = .queued
          (job.startedAt, job.worker, job.leaseUntil) = (nil, nil, nil)
          (job.progress, job.stage, job.secondsLeft) = (0, nil, nil)
          job.version += 1
          count += 1
        }
        try job.update(in: session)
      }
      if !abandoned.isEmpty { try session.notify(.queue) }
      return count
    }
  }

  func pace() async throws(ServiceError) -> [JobKind: Double] {
    try await database.read { session in
      var pace: [JobKind: Double] = [:]
      for kind in JobKind.allCases {
        let rows = try session.rows(
          """
          SELECT SUM(finishedAt - startedAt) / SUM(audioSeconds) AS pace FROM (
          SELECT finishedAt, startedAt, audioSeconds FROM job
          WHERE kind = ? AND state = 'succeeded' AND finishedAt > startedAt AND audioSeconds > 0
          ORDER BY sequence DESC LIMIT 20) AS latest
          """, [kind])
        pace[kind] = rows.first?.realIfAny("pace")
      }
      return pace
    }
  }
}
