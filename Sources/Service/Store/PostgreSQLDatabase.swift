// SPDX-License-Identifier: MIT
import Foundation
import Synchronization

/// A PostgreSQL database, for as many processes on as many machines as there are.
final class PostgreSQLDatabase: SQLDatabase {
  let isShared = true

  /// How many transactions of this process run at the same time.
  private static let connections = 8
  /// The seconds after which a transaction is not tried again, and for which it is waited for a connection.
  private static let timeout = 20.0
  /// The waits before a transaction is tried again: a server needs some seconds to start anew.
  private static let pauses = [0.1, 0.3, 0.6, 1.0, 2.0]
  /// The locks of this program among those of the database.
  fileprivate static let lock = 0x546F_6E6D

  private let url: String
  private let idle = Mutex<[PostgreSQLConnection]>([])
  private let slots = DispatchSemaphore(value: PostgreSQLDatabase.connections)

  /// How a transaction begins.
  private enum Kind: String {
    case read = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    case write = "BEGIN"
  }

  /// Whether a text names a database of this kind.
  static func isURL(_ text: String) -> Bool {
    text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
  }

  /// Connects, and brings the tables to the latest version.
  ///
  /// - Parameter url: `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
  /// - Throws: `unavailable`.
  init(url: String) throws(ServiceError) {
    self.url = url
    do { try transact(.write, Self.migrate) } catch let error as ServiceError {
      throw error
    } catch {
      throw ServiceError(
        .unavailable, "The jobs cannot be kept in the PostgreSQL database of --store.",
        detail: "\(error)")
    }
  }

  private static func migrate(_ session: any SQLSession) throws {
    _ = try session.rows("SELECT pg_advisory_xact_lock(?, 0)", [lock])
    try session.execute(
      "CREATE TABLE IF NOT EXISTS tonmeister_schema (version integer NOT NULL)", [])
    let rows = try session.rows("SELECT MAX(version) AS version FROM tonmeister_schema", [])
    let version = Int(rows.first?.realIfAny("version") ?? 0)
    let versions = JobSchema.versions(
      identity: "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY")
    guard version <= versions.count else {
      throw ServiceError(
        .unavailable, "The database of --store was made by a later version of tonmeister; update.")
    }
    guard version < versions.count else { return }
    for statement in versions[version...].joined() { try session.execute(statement, []) }
    try session.execute("INSERT INTO tonmeister_schema (version) VALUES (?)", [versions.count])
  }

  /// Makes sure that a folder is the one that the jobs are about: not an empty place where it should be mounted, and not that
  /// of another database, whose files nobody would need here.
  ///
  /// - Throws: `unavailable`.
  func check(_ folder: DataFolder) throws(ServiceError) {
    _ = try place { known in
      let own = folder.identity
      guard let known else {
        guard own == nil, folder.isUnused else {
          throw ServiceError(
            .unavailable,
            "\(folder.url.path): this folder has the files of another database, or of a service without --store; name another "
              + "with --data, or the right database with --store.")
        }
        let identity = JobID().description
        try folder.identify(identity)
        return identity
      }
      guard own == known else {
        throw ServiceError(
          .unavailable,
          Self.isBucket(known)
            ? "The jobs of --store have their files in a bucket; name it: --bucket \(Self.bucket(known))"
            : "\(folder.url.path): this is not the folder that the jobs of --store are about; mount that, or name it "
              + "with --data. To begin with another folder, begin with another database.")
      }
      return known
    }
  }

  /// Makes sure that a bucket is the one that the jobs are about.
  ///
  /// - Returns: What the bucket has to be marked with.
  /// - Throws: `unavailable`.
  func owner(ofBucket url: String) throws(ServiceError) -> String {
    try place { known in
      guard let known else { return "\(url) \(JobID())" }
      guard Self.isBucket(known), Self.bucket(known) == url else {
        throw ServiceError(
          .unavailable,
          Self.isBucket(known)
            ? "The jobs of --store have their files in another bucket; name it: --bucket \(Self.bucket(known))"
            : "The jobs of --store have their files in a folder; name it with --data, without --bucket."
        )
      }
      return known
    }
  }

  private static func isBucket(_ place: String) -> Bool { place.hasPrefix("s3://") }

  private static func bucket(_ place: String) -> String { String(place.prefix { $0 != " " }) }

  /// Where the files are that the jobs are about, which is kept the first time.
  private func place(_ body: (_ known: String?) throws -> String) throws(ServiceError) -> String {
    do {
      return try transact(.write) { session in
        _ = try session.rows("SELECT pg_advisory_xact_lock(?, 0)", [Self.lock])
        let known = try session.rows("SELECT id FROM folder", []).first?.text("id")
        let place = try body(known)
        if known == nil { try session.execute("INSERT INTO folder (id) VALUES (?)", [place]) }
        return place
      }
    } catch { throw Self.failure(error) }
  }

  func read<Value: Sendable>(
    _ body: @escaping @Sendable (any SQLSession) throws -> Value
  ) async throws(ServiceError) -> Value {
    try await run(.read, body)
  }

  func write<Value: Sendable>(
    _ access: SQLAccess, _ body: @escaping @Sendable (any SQLSession) throws -> Value
  ) async throws(ServiceError) -> Value {
    try await run(.write) { session in
      if access == .exclusive {
        try session.exclude()
      }
      return try body(session)
    }
  }

  /// Runs a transaction on a thread of its own, to its end also where the task that asks is cancelled.
  ///
  /// It is sent no signals, as the thread of Dispatch that begins it.
  private func run<Value: Sendable>(
    _ kind: Kind, _ body: @escaping @Sendable (any SQLSession) throws -> Value
  ) async throws(ServiceError) -> Value {
    let result = await Task {
      await withCheckedContinuation { continuation in
        Thread.detachNewThread {
          continuation.resume(returning: Result { try self.transact(kind, body) })
        }
      }
    }.value
    do { return try result.get() } catch { throw Self.failure(error) }
  }

  private static func failure(_ error: any Error) -> ServiceError {
    if let error = error as? ServiceError { return error }
    if let error = error as? PostgreSQLError, error.isFull {
      return ServiceError(.full, "There is no space left to keep jobs; free some.")
    }
    return .lostStore(error)
  }

  /// Runs a transaction, again where the database was lost before anything was kept.
  private func transact<Value>(
    _ kind: Kind, _ body: (any SQLSession) throws -> Value
  ) throws -> Value {
    guard slots.wait(timeout: .now() + Self.timeout) == .success else {
      throw ServiceError.lostStore(
        PostgreSQLError(state: "", description: "all connections are busy"))
    }
    defer { slots.signal() }
    let deadline = ContinuousClock.now + .seconds(Self.timeout)
    var pauses = Self.pauses[...]
    while true {
      do { return try attempt(kind, body) } catch let error as PostgreSQLError {
        guard error.isTransient, .now < deadline, let pause = pauses.popFirst() else { throw error }
        if error.isConnectionLost || error.state.hasPrefix("57P") {
          // The others are most likely gone, too.
          let lost = idle.withLock { idle in
            defer { idle = [] }
            return idle
          }
          _ = lost
        }
        Thread.sleep(forTimeInterval: pause)
      }
    }
  }

  private func attempt<Value>(
    _ kind: Kind, _ body: (any SQLSession) throws -> Value
  ) throws -> Value {
    let connection =
      try idle.withLock { $0.popLast() } ?? PostgreSQLConnection(url: url)
    let value: Value
    do {
      _ = try connection.run(kind.rawValue, [])
      value = try body(PostgreSQLSession(connection: connection))
    } catch let error as PostgreSQLError where error.isConnectionLost {
      throw error
    } catch {
      _ = try connection.run("ROLLBACK", [])
      idle.withLock { $0.append(connection) }
      throw error
    }
    do { _ = try connection.run("COMMIT", []) } catch {
      // What was read was read.
      if kind == .read { return value }
      // Whether it was kept is not known; trying again might do it twice.
      throw ServiceError.lostStore(error)
    }
    idle.withLock { $0.append(connection) }
    return value
  }
}

/// A transaction of PostgreSQL.
private struct PostgreSQLSession: SQLSession {
  let connection: PostgreSQLConnection

  let rowLock = " FOR UPDATE"
  let freeRowLock = " FOR UPDATE SKIP LOCKED"

  func exclude() throws {
    _ = try rows("SELECT pg_advisory_xact_lock(?, 1)", [PostgreSQLDatabase.lock])
  }

  func now() throws -> Date {
    let rows = try rows("SELECT EXTRACT(EPOCH FROM clock_timestamp())::float8 AS now", [])
    return try rows.first?.date("now") ?? Date()
  }

  func rows(_ sql: String, _ arguments: [any SQLArgument]) throws -> [SQLRow] {
    try connection.run(Self.numbered(sql), arguments.map(\.sqlValue)).rows
  }

  func execute(_ sql: String, _ arguments: [any SQLArgument]) throws -> Int {
    try connection.run(Self.numbered(sql), arguments.map(\.sqlValue)).changed
  }

  func notify(_ change: SQLChange) throws {
    _ = try rows("SELECT pg_notify(?, '')", [change.rawValue])
  }

  /// With `$1`, `$2` and so on instead of the marks; no statement of ours has a `?` in a text.
  private static func numbered(_ sql: String) -> String {
    var number = 0
    return sql.split(separator: "?", omittingEmptySubsequences: false).reduce(into: "") {
      text, part in
      if number > 0 { text += "$\(number)" }
      text += part
      number += 1
    }
  }
}
