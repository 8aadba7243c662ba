// SPDX-License-Identifier: MIT
import Foundation

extension SQLJobStore {
  func expire() async throws(ServiceError) -> Int {
    try await database.write(.concurrent) { session in
      let now = try now(session)
      try session.execute(
        "DELETE FROM job WHERE state = 'expired' AND expiresAt < ?",
        [now.addingTimeInterval(-policy.tombstone)])
      return try session.execute(
        """
        UPDATE job SET state = 'expired', version = version + 1
        WHERE expiresAt < ? AND state IN ('succeeded', 'failed', 'cancelled')
        """, [now])
    }
  }

  func expireOldest() async throws(ServiceError) -> ContentKey? {
    try await database.write(.exclusive) { session in
      let oldest = try session.rows(
        """
        SELECT key, MAX(finishedAt) AS latest FROM job AS candidate WHERE state = 'succeeded'
        AND NOT EXISTS (SELECT 1 FROM job WHERE state IN ('queued', 'running')
        AND (sourceKey = candidate.key OR key = candidate.key))
        GROUP BY key ORDER BY latest LIMIT 1
        """, [])
      guard let row = oldest.first else { return nil }
      let key = ContentKey(stored: try row.text("key"))
      // What was made of it goes with it: its folder stays for as long as a mix refers to it.
      try session.execute(
        """
        UPDATE job SET state = 'expired', version = version + 1
        WHERE (key = ? OR sourceKey = ?) AND state = 'succeeded'
        """, [key, key])
      return key
    }
  }

  func clean(
    results: [String], uploads: [String],
    _ remove: @escaping @Sendable (_ results: [String], _ uploads: [String]) -> Void
  ) async throws(ServiceError) {
    guard !results.isEmpty || !uploads.isEmpty else { return }
    // Alone, so that no job comes between the question and the deed.
    try await database.write(.exclusive) { session in
      var needed: Set<String> = []
      for column in ["key", "sourceKey"] where !results.isEmpty {
        let marks = results.map { _ in "?" }.joined(separator: ", ")
        let rows = try session.rows(
          """
          SELECT DISTINCT \(column) AS needed FROM job
          WHERE \(column) IN (\(marks)) AND state IN ('queued', 'running', 'succeeded')
          """, results)
        for row in rows { needed.insert(try row.text("needed")) }
      }
      if !uploads.isEmpty {
        let rows = try session.rows(
          "SELECT inputs FROM job WHERE state IN ('queued', 'running')", [])
        for row in rows {
          let inputs = try row.json("inputs", [JobInput].self)
          needed.formUnion(inputs.map(\.sha256) + inputs.compactMap(\.object))
        }
      }
      remove(
        results.filter { !needed.contains($0) }, uploads.filter { !needed.contains($0) })
    }
  }
}
