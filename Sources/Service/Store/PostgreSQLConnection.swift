// SPDX-License-Identifier: MIT
import CPostgreSQL
import Foundation

/// Says why PostgreSQL did not do what it was told.
struct PostgreSQLError: Error, CustomStringConvertible {
  /// The five characters of the SQL standard; empty where the server said nothing.
  let state: String
  let description: String
  /// Whether the connection is gone, so that another one may work.
  var isConnectionLost = false

  /// Whether the same transaction may work when it is tried again: the server starts or ends, two transactions
  /// waited for each other.
  var isTransient: Bool {
    isConnectionLost || state.hasPrefix("57P") || state.hasPrefix("08")
      || ["40001", "40P01", "55P03"].contains(state)
  }

  /// Whether there is no room for more.
  var isFull: Bool { state == "53100" }
}

/// A connection to PostgreSQL over libpq.
///
/// Used by one thread at a time, which waits for each call: that makes it safe to send.
final class PostgreSQLConnection: @unchecked Sendable {
  /// The longest that a statement may take; the server gives it up earlier.
  private static let timeout = 20.0

  private let handle: OpaquePointer

  /// What a connection is told unless its URL tells otherwise: to notice within seconds that the other side is gone.
  private static let defaults = [
    ("fallback_application_name", "tonmeister"), ("connect_timeout", "5"),
    ("keepalives_idle", "5"), ("keepalives_interval", "2"), ("keepalives_count", "3"),
    ("tcp_user_timeout", "10000"),
  ]

  /// Connects.
  ///
  /// - Parameter url: `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with what else libpq understands.
  init(url: String) throws(PostgreSQLError) {
    try Self.check(url)
    let parameters = Self.defaults + [("dbname", url)]
    let names = CStrings(parameters.map(\.0))
    let values = CStrings(parameters.map(\.1))
    guard let handle = PQconnectdbParams(names.pointer, values.pointer, 1) else {
      throw PostgreSQLError(
        state: "", description: "there is no memory for a connection", isConnectionLost: true)
    }
    self.handle = handle
    guard PQstatus(handle) == CONNECTION_OK else {
      throw PostgreSQLError(
        state: "", description: Self.text(PQerrorMessage(handle)), isConnectionLost: true)
    }
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
    // Who falls silent in the middle of a transaction does not keep others waiting.
    _ = try run(
      """
      SELECT set_config('statement_timeout', '15s', false), set_config('lock_timeout', '10s', false),
      set_config('idle_in_transaction_session_timeout', '15s', false)
      """, [])
  }

  deinit { PQfinish(handle) }

  /// Refuses what is no URL, in words that tell nothing of the password in it.
  private static func check(_ url: String) throws(PostgreSQLError) {
    let options = PQconninfoParse(url, nil)
    defer { PQconninfoFree(options) }
    var next = options
    // A slash in a password makes a part of it the port.
    var isReadable = options != nil
    while let option = next?.pointee, let keyword = option.keyword {
      if String(cString: keyword) == "port", let port = option.val {
        isReadable = String(cString: port).allSatisfy { $0.isASCII && ($0.isNumber || $0 == ",") }
      }
      next = next?.successor()
    }
    guard isReadable else {
      throw PostgreSQLError(
        state: "",
        description:
          "the URL cannot be read; percent-encode what is neither letter nor digit in its password")
    }
  }

  /// Runs a statement.
  ///
  /// - Parameters:
  ///   - sql: With `$1`, `$2` and so on for the arguments.
  /// - Returns: Its rows, and how many rows it has changed.
  func run(
    _ sql: String, _ arguments: [SQLValue]
  ) throws(PostgreSQLError) -> (rows: [SQLRow], changed: Int) {
    let values = CStrings(arguments.map(Self.text))
    guard
      PQsendQueryParams(
        handle, sql, Int32(arguments.count), nil, values.pointer, nil, nil, 0) == 1
    else { throw failure(nil) }
    let deadline = ContinuousClock.now + .seconds(Self.timeout)
    var answer: (rows: [SQLRow], changed: Int) = ([], 0)
    var error: PostgreSQLError?
    while let result = try next(before: deadline) {
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
        answer = (Self.rows(of: result), Int(Self.text(PQcmdTuples(result))) ?? 0)
      default: error = failure(result)
      }
    }
    if let error { throw error }
    return answer
  }

  /// The next result of a statement; nil after the last.
  private func next(
    before deadline: ContinuousClock.Instant
  ) throws(PostgreSQLError) -> OpaquePointer? {
    while PQisBusy(handle) == 1 {
      guard ContinuousClock.now < deadline else {
        throw PostgreSQLError(
          state: "", description: "the server does not answer", isConnectionLost: true)
      }
      try wait(milliseconds: 1000)
    }
    return PQgetResult(handle)
  }

  /// Waits until something arrives, and reads it.
  private func wait(milliseconds: Int32) throws(PostgreSQLError) {
    var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
    poll(&descriptor, 1, milliseconds)
    // Also where nothing has come: with TLS it may be there already.
    guard PQconsumeInput(handle) == 1 else { throw failure(nil) }
  }

  /// Begins to listen for what others tell.
  func listen(_ changes: [SQLChange]) throws(PostgreSQLError) {
    for change in changes { _ = try run("LISTEN \(change.rawValue)", []) }
  }

  /// Waits until others have told something.
  ///
  /// - Returns: False where nothing came in that time.
  func wasNotified(within milliseconds: Int32) throws(PostgreSQLError) -> Bool {
    try wait(milliseconds: milliseconds)
    guard PQstatus(handle) == CONNECTION_OK else { throw failure(nil) }
    var wasNotified = false
    while let notification = PQnotifies(handle) {
      PQfreemem(notification)
      wasNotified = true
    }
    return wasNotified
  }

  private func failure(_ result: OpaquePointer?) -> PostgreSQLError {
    let message = result.map { Self.text(PQresultErrorMessage($0)) } ?? ""
    return PostgreSQLError(
      state: result.map { Self.text(PQresultErrorField($0, Int32(UInt8(ascii: "C")))) } ?? "",
      description: message.isEmpty ? Self.text(PQerrorMessage(handle)) : message,
      isConnectionLost: PQstatus(handle) != CONNECTION_OK)
  }

  private static func rows(of result: OpaquePointer) -> [SQLRow] {
    let columns = PQnfields(result)
    let names = (0..<columns).map { text(PQfname(result, $0)) }
    return (0..<PQntuples(result)).map { row in
      SQLRow(
        (0..<columns).map { column in
          (
            names[Int(column)],
            PQgetisnull(result, row, column) == 1
              ? .null : .text(PQgetvalue(result, row, column).map { String(cString: $0) } ?? "")
          )
        })
    }
  }

  private static func text(_ value: SQLValue) -> String? {
    switch value {
    case .null: nil
    case .integer(let number): "\(number)"
    case .real(let number): "\(number)"
    case .text(let text): text
    }
  }

  private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
    pointer.map { String(cString: $0).trimmingCharacters(in: .whitespacesAndNewlines) } ?? ""
  }
}

/// Texts as C has them, with an empty end, for as long as this object lives.
private final class CStrings {
  let pointer: UnsafePointer<UnsafePointer<CChar>?>
  private let storage: UnsafeMutableBufferPointer<UnsafePointer<CChar>?>

  init(_ texts: [String?]) {
    storage = .allocate(capacity: texts.count + 1)
    for (index, text) in texts.enumerated() {
      storage.initializeElement(at: index, to: text.flatMap { UnsafePointer(strdup($0)) })
    }
    storage.initializeElement(at: texts.count, to: nil)
    pointer = UnsafePointer(storage.baseAddress ?? .allocate(capacity: 1))
  }

  deinit {
    for text in storage { free(UnsafeMutablePointer(mutating: text)) }
    storage.deallocate()
  }
}
