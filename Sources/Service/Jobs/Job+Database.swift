// SPDX-License-Identifier: MIT
import Foundation
import GRDB

/// A job is a row; settings, inputs, result and failure are JSON in it, dates are seconds since 1970.
extension Job: FetchableRecord, PersistableRecord {
  static let databaseTableName = "job"

  static func databaseDateEncodingStrategy(for column: String) -> DatabaseDateEncodingStrategy {
    .timeIntervalSince1970
  }

  static func databaseDateDecodingStrategy(for column: String) -> DatabaseDateDecodingStrategy {
    .timeIntervalSince1970
  }
}

extension DatabaseMigrator {
  /// The tables of the service, in all versions that there have been.
  static var service: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { db in
      try db.create(table: Job.databaseTableName) { table in
        table.autoIncrementedPrimaryKey("sequence")
        table.column("id", .text).notNull().unique()
        table.column("client", .text).notNull()
        table.column("kind", .text).notNull()
        table.column("key", .text).notNull()
        table.column("sourceKey", .text)
        table.column("settings", .text).notNull()
        table.column("inputs", .text).notNull()
        table.column("name", .text).notNull()
        table.column("audioSeconds", .double).notNull()
        table.column("createdAt", .double).notNull()
        table.column("state", .text).notNull()
        table.column("version", .integer).notNull()
        table.column("progress", .double).notNull()
        table.column("stage", .text)
        table.column("secondsLeft", .double)
        table.column("startedAt", .double)
        table.column("finishedAt", .double)
        table.column("expiresAt", .double)
        table.column("attempt", .integer).notNull()
        table.column("worker", .text)
        table.column("leaseUntil", .double)
        table.column("result", .text)
        table.column("failure", .text)
      }
      try db.create(index: "jobsByState", on: Job.databaseTableName, columns: ["state"])
      try db.create(index: "jobsByKey", on: Job.databaseTableName, columns: ["key", "state"])
      try db.create(
        index: "jobsByClient", on: Job.databaseTableName, columns: ["client", "sequence"])
      // Whose turn it is must not be forgotten with the jobs.
      try db.create(table: "turn") { table in
        table.primaryKey("client", .text)
        table.column("lastBegun", .double).notNull()
      }
    }
    return migrator
  }
}
