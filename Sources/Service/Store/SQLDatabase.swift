// SPDX-License-Identifier: MIT
import Foundation

/// A database that speaks SQL, as far as the store of jobs needs one.
protocol SQLDatabase: Sendable {
  /// Whether several processes may use it, on several machines.
  var isShared: Bool { get }

  /// Reads from one state of the database.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (any SQLSession) throws -> Value
  ) async throws(ServiceError) -> Value

  /// Changes something as a whole or not at all, also where the task that asks is cancelled: how a cancelled job
  /// ended has to be kept, too.
  ///
  /// - Parameters:
  ///   - access: Who may change something at the same time.
  ///   - body: May be called again where the database was lost before anything was kept.
  func write<Value: Sendable>(
    _ access: SQLAccess, _ body: @escaping @Sendable (any SQLSession) throws -> Value
  ) async throws(ServiceError) -> Value
}

extension ServiceError {
  /// The database does not do what it is told.
  static func lostStore(_ error: any Error) -> ServiceError {
    ServiceError(
      .unavailable, "The store of jobs cannot be used at this time; try again later.",
      detail: "\(error)", retryAfterSeconds: 5)
  }
}

/// Who may change something at the same time.
enum SQLAccess: Sendable {
  /// Others change other rows.
  case concurrent
  /// Of those who ask for this, one at a time.
  case exclusive
}

/// Who has to know that something has changed.
enum SQLChange: String, Sendable, CaseIterable {
  /// Workers: something waits, or is no longer wanted.
  case queue = "tonmeister_queue"
  /// Those who watch jobs: something has gone on.
  case progress = "tonmeister_progress"
}

/// A transaction.
protocol SQLSession {
  /// What follows a SELECT so that its rows stay ours to the end of the transaction; nothing where there is one writer
  /// anyway.
  var rowLock: String { get }
  /// The same, and rows of others are left out.
  var freeRowLock: String { get }

  /// Makes the rest of a transaction exclude those that are ``SQLAccess/exclusive``, once those that run have ended.
  func exclude() throws

  /// The time, as all who share the database have it.
  func now() throws -> Date

  /// The rows that a statement gives.
  ///
  /// - Parameters:
  ///   - sql: With a `?` for each argument.
  ///   - arguments: In that order.
  func rows(_ sql: String, _ arguments: [any SQLArgument]) throws -> [SQLRow]

  /// Runs a statement.
  ///
  /// - Returns: How many rows it has changed.
  @discardableResult
  func execute(_ sql: String, _ arguments: [any SQLArgument]) throws -> Int

  /// Tells others once it is kept.
  func notify(_ change: SQLChange) throws
}

/// A value as databases have it.
enum SQLValue: Sendable, Equatable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
}

/// What can be handed to a statement.
protocol SQLArgument: Sendable {
  var sqlValue: SQLValue { get }
}

extension Int: SQLArgument {
  var sqlValue: SQLValue { .integer(Int64(self)) }
}

extension Int64: SQLArgument {
  var sqlValue: SQLValue { .integer(self) }
}

extension Double: SQLArgument {
  var sqlValue: SQLValue { .real(self) }
}

extension String: SQLArgument {
  var sqlValue: SQLValue { .text(self) }
}

/// Seconds since 1970.
extension Date: SQLArgument {
  var sqlValue: SQLValue { .real(timeIntervalSince1970) }
}

extension Optional: SQLArgument where Wrapped: SQLArgument {
  var sqlValue: SQLValue { self?.sqlValue ?? .null }
}

extension ContentKey: SQLArgument {
  var sqlValue: SQLValue { .text(description) }
}

extension JobID: SQLArgument {
  var sqlValue: SQLValue { .text(description) }
}

extension ClientID: SQLArgument {
  var sqlValue: SQLValue { .text(description) }
}

extension JobKind: SQLArgument {
  var sqlValue: SQLValue { .text(rawValue) }
}

extension JobState: SQLArgument {
  var sqlValue: SQLValue { .text(rawValue) }
}

/// A row: values by the names of their columns, which are compared without regard to case.
struct SQLRow: Sendable {
  /// A column that is missing, empty or of another kind.
  struct Failure: Error {
    let column: String
  }

  private let values: [String: SQLValue]

  init(_ values: [(String, SQLValue)]) {
    self.values = Dictionary(values.map { ($0.0.lowercased(), $0.1) }) { first, _ in first }
  }

  func text(_ column: String) throws(Failure) -> String {
    guard let text = textIfAny(column) else { throw Failure(column: column) }
    return text
  }

  func textIfAny(_ column: String) -> String? {
    switch values[column.lowercased()] {
    case .text(let text): text
    case .integer(let number): "\(number)"
    case .real(let number): "\(number)"
    case .null, nil: nil
    }
  }

  func real(_ column: String) throws(Failure) -> Double {
    guard let number = realIfAny(column) else { throw Failure(column: column) }
    return number
  }

  func realIfAny(_ column: String) -> Double? {
    switch values[column.lowercased()] {
    case .real(let number): number
    case .integer(let number): Double(number)
    case .text(let text): Double(text)
    case .null, nil: nil
    }
  }

  func integer(_ column: String) throws(Failure) -> Int64 {
    switch values[column.lowercased()] {
    case .integer(let number): return number
    case .text(let text):
      if let number = Int64(text) { return number }
    case .real, .null, nil: break
    }
    throw Failure(column: column)
  }

  func date(_ column: String) throws(Failure) -> Date {
    Date(timeIntervalSince1970: try real(column))
  }

  func dateIfAny(_ column: String) -> Date? {
    realIfAny(column).map { Date(timeIntervalSince1970: $0) }
  }

  /// The value that is kept as JSON.
  func json<Value: Decodable>(_ column: String, _ type: Value.Type = Value.self) throws -> Value {
    try JSONDecoder().decode(type, from: Data(try text(column).utf8))
  }

  func jsonIfAny<Value: Decodable>(
    _ column: String, _ type: Value.Type = Value.self
  ) throws -> Value? {
    try textIfAny(column).map { try JSONDecoder().decode(type, from: Data($0.utf8)) }
  }
}
