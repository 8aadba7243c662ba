// SPDX-License-Identifier: MIT
import Foundation
import Synchronization

@testable import Service

/// The databases that keep jobs.
enum DatabaseKind: CaseIterable {
  case sqlite
  case postgresql
}

/// A store without jobs, and a clock that a test sets.
final class TestStore: Sendable {
  /// When every test begins.
  static let start = Date(timeIntervalSince1970: 1_700_000_000)

  private let folder = TemporaryFolder()
  private let url: String
  private let kind: DatabaseKind
  private let seconds = Mutex(0.0)

  init(_ kind: DatabaseKind) throws {
    self.kind = kind
    url =
      kind == .sqlite
      ? folder.url.appending(path: "jobs.sqlite").path
      : try PostgreSQLServer.shared.get().newDatabase()
  }

  /// The seconds since the start.
  var time: Double {
    get { seconds.withLock { $0 } }
    set { seconds.withLock { $0 = newValue } }
  }

  /// The store, opened anew.
  func open() throws -> SQLJobStore {
    let database: any SQLDatabase =
      kind == .sqlite ? try SQLiteDatabase(path: url) : try PostgreSQLDatabase(url: url)
    var policy = JobPolicy()
    policy.queueLength = 10
    policy.lease = 10
    policy.terms.keep = 100
    policy.tombstone = 50
    return SQLJobStore(database, policy: policy) { Self.start.addingTimeInterval(self.time) }
  }
}

extension SQLJobStore {
  /// Gives any group to a worker.
  func claim(worker: String) async throws(ServiceError) -> Job? {
    try await claim(worker: worker, except: [])
  }
}
