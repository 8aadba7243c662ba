// SPDX-License-Identifier: MIT
import Foundation
import Logging
import Testing

@testable import Service

/// Several services and workers that have a database and a folder in common.
@Suite struct SharingTests {
  private let folder = TemporaryFolder()

  private func service(_ url: String) async throws -> RunningService {
    try await RunningService(folder: folder) { configuration in
      configuration.store = url
      configuration.concurrentJobs = 0
    }
  }

  private func worker(_ url: String, _ runner: StubRunner) throws -> TonmeisterWorker {
    var configuration = ServiceConfiguration(dataFolder: folder.url.appending(path: "data"))
    configuration.store = url
    var logger = Logger(label: "test") { LineLogHandler(label: $0, style: .json) }
    logger.logLevel = .critical
    return try TonmeisterWorker(
      configuration: configuration, metricsPort: nil, drain: .zero, logger: logger,
      metrics: PrometheusRegistry(), runner: runner)
  }

  @Test func whatOneServiceTakesInAWorkerDoesAndAnotherServiceTells() async throws {
    let url = try PostgreSQLServer.shared.get().newDatabase()
    let (first, second) = (try await service(url), try await service(url))
    let song = try Song.wave(seconds: 0.2)
    let id = try #require(try await first.separate(song).json["id"] as? String)
    #expect(try await second.client.get("/v1/jobs/\(id)").json["state"] as? String == "queued")
    let client = second.client
    let events = Task { try await client.get("/v1/jobs/\(id)/events") }
    let runners = [StubRunner(), StubRunner()]
    let workers = try runners.map { try worker(url, $0) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in workers { group.addTask { try await worker.run() } }
      #expect(try await second.finished(id).json["state"] as? String == "succeeded")
      #expect(try await events.value.text.contains("succeeded"))
      // The same song again is there already, whoever asks where.
      #expect(try await second.separate(song).json["state"] as? String == "succeeded")
      for seed in 2..<12 {
        let song = try Song.wave(seconds: 0.1, seed: UInt64(seed))
        let id = try #require(try await first.separate(song).json["id"] as? String)
        _ = try await second.finished(id)
      }
      group.cancelAll()
    }
    #expect(runners.map(\.begun.count).reduce(0, +) == 11)
    #expect(folder.names("data/results").count == 11)
    #expect(folder.incomplete.isEmpty)
  }

  @Test func whatAWorkerGivesBackAnotherTakesUp() async throws {
    let url = try PostgreSQLServer.shared.get().newDatabase()
    let service = try await service(url)
    let id = try #require(try await service.separate(try Song.wave()).json["id"] as? String)
    let (stuck, free) = (StubRunner(isOpen: false), StubRunner())
    let first = try worker(url, stuck)
    let task = Task { try await first.run() }
    for _ in 0..<500 where stuck.begun.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
    task.cancel()
    _ = await task.result
    let second = try worker(url, free)
    let other = Task { try await second.run() }
    let job = try await service.finished(id).json
    #expect(job["state"] as? String == "succeeded" && job["attempt"] as? Int == 1)
    other.cancel()
    _ = await other.result
  }

  @Test func aFolderIsSharedByAllWhoUseItOrByNone() async throws {
    let url = try PostgreSQLServer.shared.get().newDatabase()
    let shared = try await service(url)
    await #expect(throws: ServiceError.self) { try await RunningService(folder: folder) }
    await shared.stop()
  }

  @Test func aWorkerNeedsAStore() {
    #expect(throws: ServiceError.self) {
      try TonmeisterWorker(configuration: ServiceConfiguration(dataFolder: folder.url))
    }
  }

  @Test func whatADeadProcessLeftIncompleteIsRemovedAndThatOfALivingOneIsNot() throws {
    let (living, dead) = (DataFolder(url: folder.url), DataFolder(url: folder.url))
    try living.makeFolders()
    let lock = try living.lock(isShared: true)
    let second = DataFolder(url: folder.url)
    let other = try second.lock(isShared: true)
    // As a process leaves it that was killed: the lock is gone, its file is not.
    try FileManager.default.createDirectory(at: dead.staging, withIntermediateDirectories: true)
    for place in [living, dead, second] {
      try Data("x".utf8).write(to: place.newStaging())
    }
    // Who was silent for long is looked at, and lives.
    living.removeIncomplete(olderThan: 0)
    second.removeIncomplete(olderThan: 0)
    #expect(folder.names("staging/\(living.id)").count == 1)
    #expect(folder.names("staging/\(second.id)").count == 1)
    #expect(!folder.names("staging").contains { $0.hasPrefix("\(dead.id)") })
    try FileManager.default.createDirectory(at: dead.staging, withIntermediateDirectories: true)
    living.removeIncomplete(olderThan: 60)
    #expect(folder.names("staging").contains { $0.hasPrefix("\(dead.id)") })
    withExtendedLifetime((lock, other)) {}
  }
}
