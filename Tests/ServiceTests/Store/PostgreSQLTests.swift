// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Logging
import Synchronization
import Testing

@testable import Service

@Suite struct PostgreSQLTests {
  @Test func otherProcessesAreTold() async throws {
    let url = try PostgreSQLServer.shared.get().newDatabase()
    let database = try PostgreSQLDatabase(url: url)
    let told = Told()
    let signal = CancellationSignal()
    let listener = PostgreSQLListener(url: url, changes: [.queue])
    async let listening: Void = onOwnThread { _ in
      listener.listen(until: signal, logger: Logger(label: "test")) {
        told.count.add(1, ordering: .relaxed)
      }
    }
    func wait(for wanted: Int) async throws {
      for _ in 0..<500 where told.count.load(ordering: .relaxed) < wanted {
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(told.count.load(ordering: .relaxed) == wanted)
    }
    // Once at the beginning, since something may have been missed.
    try await wait(for: 1)
    try await database.write(.concurrent) { try $0.notify(.progress) }
    try await Task.sleep(for: .seconds(1))
    try await wait(for: 1)
    try await database.write(.concurrent) { try $0.notify(.queue) }
    try await wait(for: 2)
    signal.cancel()
    await listening
  }

  private final class Told: Sendable {
    let count = Atomic(0)
  }

  @Test func whatIsCutInTheMiddleIsDoneAgainAsAWhole() async throws {
    let url = try PostgreSQLServer.shared.get().newDatabase()
    let database = try PostgreSQLDatabase(url: url)
    let told = Told()
    try await database.write(.exclusive) { session in
      try session.execute("INSERT INTO turn (client, lastBegun) VALUES (?, ?)", ["a", 1.5])
      if told.count.add(1, ordering: .relaxed).oldValue == 0 {
        _ = try PostgreSQLConnection(url: url).run(
          """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()
          """, [])
      }
      try session.execute("INSERT INTO turn (client, lastBegun) VALUES (?, ?)", ["b", 2.5])
    }
    #expect(told.count.load(ordering: .relaxed) == 2)
    let rows = try await database.read { try $0.rows("SELECT * FROM turn ORDER BY client", []) }
    #expect(rows.map { $0.textIfAny("client") } == ["a", "b"])
  }

  @Test func aFolderBelongsToOneDatabase() throws {
    let server = try PostgreSQLServer.shared.get()
    let (first, second) = (TemporaryFolder(), TemporaryFolder())
    let url = try server.newDatabase()
    try PostgreSQLDatabase(url: url).check(DataFolder(url: first.url))
    try PostgreSQLDatabase(url: url).check(DataFolder(url: first.url))
    // An empty place where the folder should be mounted.
    let error = #expect(throws: ServiceError.self) {
      try PostgreSQLDatabase(url: url).check(DataFolder(url: second.url))
    }
    #expect(error?.message.contains("--data") == true)
    #expect(!DataFolder(url: second.url).isThere)
    // What a database that is new does not need would be removed.
    for folder in [first, try alone()] {
      let foreign = #expect(throws: ServiceError.self) {
        try PostgreSQLDatabase(url: server.newDatabase()).check(DataFolder(url: folder.url))
      }
      #expect(foreign?.message.contains("another database") == true)
    }
    try PostgreSQLDatabase(url: url).check(DataFolder(url: first.url))
  }

  /// A folder of a service without a store.
  private func alone() throws -> TemporaryFolder {
    let folder = TemporaryFolder()
    _ = try SQLiteDatabase(path: DataFolder(url: folder.url).database)
    return folder
  }

  @Test func aBucketBelongsToOneDatabaseAndFoldersToOthers() throws {
    let server = try PostgreSQLServer.shared.get()
    let (inBucket, inFolder) = (try server.newDatabase(), try server.newDatabase())
    let (bucket, folder) = ("s3://songs/a", TemporaryFolder())
    let owner = try PostgreSQLDatabase(url: inBucket).owner(ofBucket: bucket)
    #expect(owner.hasPrefix(bucket + " "))
    #expect(try PostgreSQLDatabase(url: inBucket).owner(ofBucket: bucket) == owner)
    #expect(try PostgreSQLDatabase(url: server.newDatabase()).owner(ofBucket: bucket) != owner)
    let other = #expect(throws: ServiceError.self) {
      try PostgreSQLDatabase(url: inBucket).owner(ofBucket: "s3://songs/b")
    }
    #expect(other?.message.contains("--bucket s3://songs/a") == true)
    let none = #expect(throws: ServiceError.self) {
      try PostgreSQLDatabase(url: inBucket).check(DataFolder(url: folder.url))
    }
    #expect(none?.message.contains("--bucket s3://songs/a") == true)
    try PostgreSQLDatabase(url: inFolder).check(DataFolder(url: folder.url))
    #expect(throws: ServiceError.self) {
      try PostgreSQLDatabase(url: inFolder).owner(ofBucket: bucket)
    }
  }

  @Test func aPasswordIsNotTold() {
    for url in ["postgres://u:p%ssSECRET@h/d", "postgres://u:SEC/RET@h/d"] {
      let error = #expect(throws: ServiceError.self) { try PostgreSQLDatabase(url: url) }
      #expect(error?.description.contains("SEC") == false, "\(error?.description ?? "")")
    }
  }

  @Test func connectionsThatAreCutAreMadeAnew() async throws {
    let url = try PostgreSQLServer.shared.get().newDatabase()
    let database = try PostgreSQLDatabase(url: url)
    for _ in 0..<3 {
      _ = try PostgreSQLConnection(url: url).run(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
        """, [])
      let value = try await database.read { session in
        try session.rows("SELECT ? AS a, ? AS b", ["x?", nil as String?])
      }
      #expect(value.first?.textIfAny("a") == "x?" && value.first?.textIfAny("b") == nil)
    }
  }

  @Test func whatFailsInTheMiddleLeavesNothing() async throws {
    let url = try PostgreSQLServer.shared.get().newDatabase()
    let database = try PostgreSQLDatabase(url: url)
    await #expect(throws: ServiceError(.busy, "x")) {
      try await database.write(.exclusive) { session in
        try session.execute("INSERT INTO turn (client, lastBegun) VALUES (?, ?)", ["a", 1.5])
        throw ServiceError(.busy, "x")
      }
    }
    let rows = try await database.read { try $0.rows("SELECT * FROM turn", []) }
    #expect(rows.isEmpty)
    await #expect(throws: ServiceError.self) {
      try await database.write(.concurrent) { _ = try $0.execute("NONSENSE", []) }
    }
  }

  @Test func aDatabaseOfALaterVersionIsLeftAlone() throws {
    let url = try PostgreSQLServer.shared.get().newDatabase()
    _ = try PostgreSQLDatabase(url: url)
    _ = try PostgreSQLDatabase(url: url)
    _ = try PostgreSQLConnection(url: url).run(
      "INSERT INTO tonmeister_schema (version) VALUES (1000)", [])
    let error = #expect(throws: ServiceError.self) { try PostgreSQLDatabase(url: url) }
    #expect(error?.message.contains("later version") == true)
  }

  @Test func aServerThatIsNotThereIsToldOf() {
    let error = #expect(throws: ServiceError.self) {
      try PostgreSQLDatabase(url: "postgres://nobody@127.0.0.1:1/none")
    }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("--store") == true)
  }
}
