// SPDX-License-Identifier: MIT
import Foundation

/// Keeps the jobs in a database.
struct SQLJobStore: JobStore {
  let database: any SQLDatabase
  let policy: JobPolicy
  /// The time; nil for that of the database.
  let clock: (@Sendable () -> Date)?

  /// - Parameter clock: The time, for tests; nil for that of the database.
  init(
    _ database: any SQLDatabase, policy: JobPolicy = JobPolicy(),
    clock: (@Sendable () -> Date)? = nil
  ) {
    self.database = database
    self.policy = policy
    self.clock = clock
  }

  var isShared: Bool { database.isShared }

  func now(_ session: any SQLSession) throws -> Date { try clock?() ?? session.now() }

  static func job(_ id: JobID, _ session: any SQLSession) throws -> Job? {
    try session.rows("SELECT * FROM job WHERE id = ?", [id]).first.map { try Job($0) }
  }
}

// MARK: Jobs of clients

extension SQLJobStore {
  func submit(
    _ job: Job, adopt: @escaping @Sendable () throws(ServiceError) -> JobResult?
  ) async throws(ServiceError) -> Job {
    // Alone, so that nothing is removed, begun or ended between the question and the deed.
    try await database.write(.exclusive) { session in
      var job = job
      job.createdAt = try now(session)
      job.terms = policy.terms
      if let result = try adopt()
        ?? (policy.resultsAreInBucket ? Self.result(job.key, session) : nil)
      {
        (job.state, job.progress, job.result) = (.succeeded, 1, result)
        (job.startedAt, job.finishedAt) = (job.createdAt, job.createdAt)
        job.expiresAt = job.createdAt.addingTimeInterval(job.terms.keep)
      } else if let leader = try session.rows(
        "SELECT * FROM job WHERE key = ? AND state = 'running' LIMIT 1", [job.key]
      ).first.map({ try Job($0) }) {
        job.join(leader)
      } else {
        try checkRoom(for: job, session)
      }
      try session.notify(.queue)
      return try job.inserted(in: session)
    }
  }

  /// - Throws: `busy` where the queue has no place for a job of a client.
  private func checkRoom(for job: Job, _ session: any SQLSession) throws {
    let rows = try session.rows(
      """
      SELECT COUNT(*) AS waiting, COUNT(CASE WHEN client = ? THEN 1 END) AS own FROM job
      WHERE state = 'queued'
      """, [job.client])
    guard let row = rows.first, try row.integer("waiting") < policy.queueLength,
      try row.integer("own") < policy.share ?? policy.queueLength
    else {
      throw ServiceError(.busy, "The queue is full; try again later.", retryAfterSeconds: 30)
    }
  }

  func job(_ id: JobID) async throws(ServiceError) -> Job? {
    try await database.read { session in try Self.job(id, session) }
  }

  func jobs(
    of client: ClientID, before: JobID?, limit: Int
  ) async throws(ServiceError) -> [Job] {
    try await database.read { session in
      var last = Int64.max
      if let before {
        guard let job = try Self.job(before, session), job.client == client else { return [] }
        last = job.sequence ?? 0
      }
      return try session.rows(
        """
        SELECT * FROM job WHERE client = ? AND sequence < ? AND state <> 'expired'
        ORDER BY sequence DESC LIMIT ?
        """, [client, last, limit]
      ).map { try Job($0) }
    }
  }

  func result(_ key: ContentKey) async throws(ServiceError) -> JobResult? {
    try await database.read { session in try Self.result(key, session) }
  }

  private static func result(_ key: ContentKey, _ session: any SQLSession) throws -> JobResult? {
    try session.rows(
      """
      SELECT result FROM job WHERE key = ? AND state = 'succeeded' ORDER BY sequence DESC LIMIT 1
      """, [key]
    ).first?.jsonIfAny("result")
  }

  func newest(_ kind: JobKind, of client: ClientID) async throws(ServiceError) -> Job? {
    try await database.read { session in
      try session.rows(
        """
        SELECT * FROM job WHERE client = ? AND kind = ? AND state NOT IN ('expired', 'cancelled')
        ORDER BY sequence DESC LIMIT 1
        """, [client, kind]
      ).first.map { try Job($0) }
    }
  }

  func cancel(_ id: JobID) async throws(ServiceError) -> Job? {
    try await database.write(.concurrent) { session in
      guard
        var job = try session.rows("SELECT * FROM job WHERE id = ?" + session.rowLock, [id]).first
          .map({ try Job($0) })
      else { return nil }
      guard !job.state.isFinal else { return job }
      job.state = .cancelled
      job.end(now: try now(session))
      try job.update(in: session)
      try session.notify(.queue)
      return job
    }
  }

  func remove(_ id: JobID) async throws(ServiceError) {
    try await database.write(.concurrent) { session in
      try session.execute(
        "DELETE FROM job WHERE id = ? AND state NOT IN ('queued', 'running')", [id])
      try session.notify(.progress)
    }
  }
}

extension Job {
  /// Takes part in the work that another job of its group has begun.
  mutating func join(_ leader: Job) {
    (state, progress, stage) = (.running, leader.progress, leader.stage)
    (startedAt, attempt, secondsLeft) = (leader.startedAt, leader.attempt, leader.secondsLeft)
    (worker, leaseUntil) = (leader.worker, leader.leaseUntil)
  }

  /// Notes that the work has ended.
  mutating func end(now: Date) {
    finishedAt = now
    expiresAt = now.addingTimeInterval(terms.keep)
    (worker, leaseUntil, secondsLeft, stage) = (nil, nil, nil, nil)
    version += 1
  }
}
