// SPDX-License-Identifier: MIT
import Foundation
import GRDB

/// A SQLite file with a write-ahead log, for one process.
final class SQLiteDatabase: SQLDatabase {
  let isShared = false

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
      try Self.migrator.migrate(pool)
    } catch {
      throw ServiceError(
        .unavailable, "\(path): the jobs cannot be kept there.", detail: "\(error)")
    }
  }

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    let versions = JobSchema.versions(identity: "integer PRIMARY KEY AUTOINCREMENT")
    for (index, statements) in versions.enumerated() {
      migrator.registerMigration("\(index + 1)") { db in
        for statement in statements { try db.execute(sql: statement) }
      }
    }
    return migrator
  }

  func read<Value: Sendable>(
    _ body: @escaping @Sendable (any SQLSession) throws -> Value
  ) async throws(ServiceError) -> Value {
    do {
      return try await pool.read { db in try body(SQLiteSession(db: db)) }
    } catch { throw Self.failure(error) }
  }

  func write<Value: Sendable>(
    _ access: SQLAccess, _ body: @escaping @Sendable (any SQLSession) throws -> Value
  ) async throws(ServiceError) -> Value {
    let pool = pool
    do {
      return try await Task { try await pool.write { db in try body(SQLiteSession(db: db)) } }.value
    } catch { throw Self.failure(error) }
  }

  private static func failure(_ error: any Error) -> ServiceError {
    if let error = error as? ServiceError { return error }
    if error is CancellationError { return .cancelled }
    if let error = error as? DatabaseError, error.resultCode == .SQLITE_FULL {
      return ServiceError(.full, "There is no space left to keep jobs; free some.")
    }
    return .lostStore(error)
  }
}

/// A transaction of SQLite, which has one writer at a time.
private struct SQLiteSession: SQLSession {
  let db: Database

  let rowLock = ""
  let freeRowLock = ""

  // There is one writer anyway.
  func exclude() {}

  func now() -> Date { Date() }

  func rows(_ sql: String, _ arguments: [any SQLArgument]) throws -> [SQLRow] {
    try Row.fetchAll(db, sql: sql, arguments: Self.arguments(arguments)).map { row in
      SQLRow(row.map { ($0.0, Self.value($0.1)) })
    }
  }

  func execute(_ sql: String, _ arguments: [any SQLArgument]) throws -> Int {
    try db.execute(sql: sql, arguments: Self.arguments(arguments))
    return db.changesCount
  }

  /// There is no other process.
  func notify(_ change: SQLChange) {}

  private static func arguments(_ arguments: [any SQLArgument]) -> StatementArguments {
    StatementArguments(
      arguments.map { argument -> (any DatabaseValueConvertible)? in
        switch argument.sqlValue {
        case .null: nil
        case .integer(let number): number
        case .real(let number): number
        case .text(let text): text
        }
      })
  }

  private static func value(_ value: DatabaseValue) -> SQLValue {
    switch value.storage {
    case .null: .null
    case .int64(let number): .integer(number)
    case .double(let number): .real(number)
    case .string(let text): .text(text)
    case .blob(let data): .text(String(decoding: data, as: UTF8.self))
    }
  }
}
