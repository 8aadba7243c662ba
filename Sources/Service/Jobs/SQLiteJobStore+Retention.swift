// SPDX-License-Identifier: MIT
import Foundation
import GRDB

extension SQLiteJobStore {
  func expire(now: Date, forgetBefore: Date) async throws(ServiceError) -> Int {
    try await write { db in
      try db.execute(
        sql: "DELETE FROM job WHERE state = 'expired' AND expiresAt < ?",
        arguments: [forgetBefore.timeIntervalSince1970])
      try db.execute(
        sql: """
          UPDATE job SET state = 'expired', version = version + 1
          WHERE expiresAt < ? AND state IN ('succeeded', 'failed', 'cancelled')
          """, arguments: [now.timeIntervalSince1970])
      return db.changesCount
    }
  }

  func expireOldest() async throws(ServiceError) -> ContentKey? {
    try await write { db in
      let oldest = try Job.fetchOne(
        db,
        sql: """
          SELECT *, MAX(finishedAt) AS latest FROM job AS candidate WHERE state = 'succeeded'
          AND NOT EXISTS (SELECT 1 FROM job WHERE state IN ('queued', 'running')
          AND (sourceKey = candidate.key OR key = candidate.key))
          GROUP BY key ORDER BY latest LIMIT 1
          """)
      guard let key = oldest?.key else { return nil }
      // What was made of it goes with it: its folder stays for as long as a mix refers to it.
      try db.execute(
        sql: """
          UPDATE job SET state = 'expired', version = version + 1
          WHERE (key = ? OR sourceKey = ?) AND state = 'succeeded'
          """, arguments: [key.description, key.description])
      return key
    }
  }

  func clean(
    _ remove: @escaping @Sendable (_ keys: Set<String>, _ uploads: Set<String>) -> Void
  ) async throws(ServiceError) {
    // In a write, so that no job comes between the question and the deed.
    try await write { db in
      let jobs = try Job.fetchAll(
        db, sql: "SELECT * FROM job WHERE state IN ('queued', 'running', 'succeeded')")
      var keys: Set<String> = []
      var uploads: Set<String> = []
      for job in jobs {
        keys.insert(job.key.description)
        if let source = job.sourceKey { keys.insert(source.description) }
        if !job.state.isFinal { uploads.formUnion(job.inputs.map(\.sha256)) }
      }
      remove(keys, uploads)
    }
  }
}
