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
      if let result = try adopt() ?? (policy.trustsJobs ? Self.result(job.key, session) : nil) {
        (job.state, job.progress, job.result) = (.succeeded, 1, result)
        (job.startedAt, job.finishedAt) = (job.createdAt, job.createdAt)
        job.expiresAt = job.createdAt.addingTimeInterval(policy.keep)
      } else if let leader = try session.rows(
        "SELECT * FROM job WHERE key = ? AND state = 'running' LIMIT 1", [job.key]
      ).first.map({ try Job($0) }) {
        job.join(leader)
      } else {
        let waiting = try session.rows(
          "SELECT COUNT(*) AS waiting FROM job WHERE state = 'queued'", [])
        guard try waiting.first?.integer("waiting") ?? 0 < policy.queueLength else {
          throw ServiceError(.busy, "The queue is full; try again later.", retryAfterSeconds: 30)
        }
      }
      try session.tell(.queue)
      return try job.inserted(in: session)
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
    try await database.write(.shared) { session in
      let now = try now(session)
      try session.execute(
        """
        UPDATE job SET state = 'cancelled', finishedAt = ?, expiresAt = ?, worker = NULL,
        leaseUntil = NULL, secondsLeft = NULL, version = version + 1
        WHERE id = ? AND state IN ('queued', 'running')
        """, [now, now.addingTimeInterval(policy.keep), id])
      try session.tell(.queue)
      return try Self.job(id, session)
    }
  }

  func remove(_ id: JobID) async throws(ServiceError) {
    try await database.write(.shared) { session in
      try session.execute(
        "DELETE FROM job WHERE id = ? AND state NOT IN ('queued', 'running')", [id])
      try session.tell(.progress)
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
}
