// SPDX-License-Identifier: MIT
import Foundation
import Synchronization
import Testing

@testable import Service

/// What every store of jobs has to do, in each database.
@Suite struct JobStoreTests {
  private func job(_ key: String, client: String = "a", source: String? = nil) -> Job {
    Job(
      client: ClientID(description: client), kind: source == nil ? .separation : .mix,
      key: ContentKey("test", [key]), sourceKey: source.map { ContentKey("test", [$0]) },
      settings: .separation(SeparationSettings()), inputs: [Self.input(key)], name: "“\(key)”",
      audioSeconds: 10, createdAt: TestStore.start)
  }

  private static func input(_ key: String) -> JobInput {
    JobInput(
      role: "file", name: "\(key).wav", sha256: "digest-\(key)", byteCount: 3, durationSeconds: nil,
      sampleRate: 44_100, channelCount: 2)
  }

  @discardableResult
  private func submit(_ job: Job, to store: SQLJobStore) async throws -> Job {
    try await store.submit(job) { nil }
  }

  @Test(arguments: DatabaseKind.allCases)
  func whatWasKeptIsReadBackTheSame(_ kind: DatabaseKind) async throws {
    let test = try TestStore(kind)
    var made = try await submit(job("a"), to: test.open())
    let read = try await test.open().job(made.id)
    #expect(read == made)
    made.sequence = nil
    #expect(read != made)
  }

  @Test(arguments: DatabaseKind.allCases)
  func jobsOfTheSameKeyAreBegunAndEndTogether(_ kind: DatabaseKind) async throws {
    let store = try TestStore(kind).open()
    let first = try await submit(job("a"), to: store)
    let second = try await submit(job("a", client: "b"), to: store)
    let other = try await submit(job("b"), to: store)
    let claimed = try await store.claim(worker: "w")
    #expect(claimed?.id == first.id)
    #expect(try await store.job(second.id)?.state == .running)
    #expect(try await store.job(other.id)?.state == .queued)
    // One that comes later joins in.
    let third = try await submit(job("a"), to: store)
    #expect(third.state == .running && third.attempt == 1)
    let isWanted = try await store.report(
      JobProgress(fraction: 0.5, stage: "x"), key: first.key, worker: "w")
    #expect(isWanted)
    let queue = try await store.queue()
    #expect(queue.running.map(\.id) == [first.id])
    #expect(queue.waiting.entries.map(\.id) == [other.id])
    var result = JobResult()
    result.warnings = ["w"]
    try await store.finish(.succeeded(result), key: first.key, worker: "w")
    for id in [first.id, second.id, third.id] {
      let ended = try await store.job(id)
      #expect(ended?.state == .succeeded && ended?.result == result && ended?.progress == 1)
    }
  }

  @Test(arguments: DatabaseKind.allCases)
  func jobsAreListedFromTheNewest(_ kind: DatabaseKind) async throws {
    let store = try TestStore(kind).open()
    var ids: [JobID] = []
    for key in ["a", "b", "c"] { ids.append(try await submit(job(key), to: store).id) }
    try await submit(job("d", client: "b"), to: store)
    let client = ClientID(description: "a")
    #expect(try await store.jobs(of: client, before: nil, limit: 2).map(\.id) == [ids[2], ids[1]])
    #expect(try await store.jobs(of: client, before: ids[1], limit: 2).map(\.id) == [ids[0]])
    #expect(try await store.newest(.separation, of: client)?.id == ids[2])
    #expect(try await store.newest(.mix, of: client) == nil)
  }

  @Test(arguments: DatabaseKind.allCases)
  func aWorkerThatLostItsJobIsTold(_ kind: DatabaseKind) async throws {
    let store = try TestStore(kind).open()
    let job = try await submit(job("a"), to: store)
    _ = try await store.claim(worker: "w")
    func report(_ worker: String) async throws -> Bool {
      try await store.report(
        JobProgress(fraction: 0.5, stage: "x"), key: job.key, worker: worker)
    }
    #expect(try await report("w"))
    #expect(try await !report("v"))
    #expect(try await store.renew(worker: "w") == [job.key])
    #expect(try await store.renew(worker: "v").isEmpty)
    _ = try await store.cancel(job.id)
    #expect(try await !report("w"))
    #expect(try await store.renew(worker: "w").isEmpty)
    // What it brings nevertheless changes nothing.
    try await store.finish(.succeeded(JobResult()), key: job.key, worker: "w")
    #expect(try await store.job(job.id)?.state == .cancelled)
  }

  @Test(arguments: DatabaseKind.allCases)
  func abandonedWorkIsBegunAgainAndGivenUpInTheEnd(_ kind: DatabaseKind) async throws {
    let test = try TestStore(kind)
    let store = try test.open()
    let job = try await submit(job("a"), to: store)
    for attempt in 1...3 {
      let claimed = try await store.claim(worker: "w")
      #expect(claimed?.attempt == attempt)
      // A lease that holds is respected, and so is the worker of this process.
      test.time += 9
      #expect(try await store.recover(except: "v") == 0)
      test.time += 2
      #expect(try await store.recover(except: "w") == 0)
      let count = try await store.recover(except: attempt == 2 ? "v" : nil)
      #expect(count == (attempt < 3 ? 1 : 0))
    }
    let ended = try await store.job(job.id)
    #expect(ended?.state == .failed)
    #expect(ended?.failure?.message.contains("3 times") == true)
  }

  @Test(arguments: DatabaseKind.allCases)
  func aLeaseThatIsRenewedHolds(_ kind: DatabaseKind) async throws {
    let test = try TestStore(kind)
    let store = try test.open()
    let job = try await submit(job("a"), to: store)
    _ = try await store.claim(worker: "w")
    for _ in 0..<3 {
      test.time += 8
      _ = try await store.renew(worker: "w")
      #expect(try await store.recover(except: "v") == 0)
    }
    test.time += 8
    _ = try await store.report(
      JobProgress(fraction: 0.1, stage: "x"), key: job.key, worker: "w")
    test.time += 8
    #expect(try await store.recover(except: "v") == 0)
    test.time += 3
    #expect(try await store.recover(except: "v") == 1)
  }

  @Test(arguments: DatabaseKind.allCases)
  func whatIsPutBackWasNotBegunUnlessItCounts(_ kind: DatabaseKind) async throws {
    let store = try TestStore(kind).open()
    let job = try await submit(job("a"), to: store)
    for (isCounted, attempt) in [(false, 0), (true, 1)] {
      _ = try await store.claim(worker: "w")
      try await store.release(key: job.key, worker: "v", isCounted: isCounted)
      #expect(try await store.job(job.id)?.state == .running)
      try await store.release(key: job.key, worker: "w", isCounted: isCounted)
      let released = try await store.job(job.id)
      #expect(released?.state == .queued && released?.attempt == attempt)
    }
  }

  @Test(arguments: DatabaseKind.allCases)
  func theQueueIsBounded(_ kind: DatabaseKind) async throws {
    let test = try TestStore(kind)
    let store = try test.open()
    for index in 0..<10 { try await submit(job("\(index)"), to: store) }
    await #expect(throws: ServiceError.self) { try await submit(job("x"), to: store) }
    // A result that is there takes no place.
    let done = try await store.submit(job("y")) { JobResult() }
    #expect(done.state == .succeeded)
    #expect(done.expiresAt == TestStore.start.addingTimeInterval(100))
    test.time = 7
    #expect(try await store.queue().oldestSeconds == 7)
  }

  @Test(arguments: DatabaseKind.allCases)
  func theOldestResultsThatNothingNeedsGoFirst(_ kind: DatabaseKind) async throws {
    let test = try TestStore(kind)
    let store = try test.open()
    for key in ["a", "b", "c"] {
      let job = try await submit(job(key), to: store)
      _ = try await store.claim(worker: "w")
      test.time += 1
      try await store.finish(.succeeded(JobResult()), key: job.key, worker: "w")
    }
    #expect(try await store.pace() == [.separation: 0.1])
    // A mix of the oldest waits.
    try await submit(job("m", source: "a"), to: store)
    #expect(try await store.expireOldest() == ContentKey("test", ["b"]))
    #expect(try await store.expireOldest() == ContentKey("test", ["c"]))
    #expect(try await store.expireOldest() == nil)
    let seen = Seen()
    let names = ["a", "b", "c", "m", "x"].map { ContentKey("test", [$0]).description }
    try await store.clean(
      results: names, uploads: ["digest-a", "digest-m", "digest-x"]
    ) { results, uploads in
      (seen.results, seen.uploads) = (results, uploads)
    }
    #expect(seen.results == [names[1], names[2], names[4]])
    #expect(seen.uploads == ["digest-a", "digest-x"])
  }

  /// What a closure saw; used by one task at a time.
  private final class Seen: @unchecked Sendable {
    var results: [String] = []
    var uploads: [String] = []
  }

  @Test(arguments: DatabaseKind.allCases)
  func jobsExpireAndAreForgottenMuchLater(_ kind: DatabaseKind) async throws {
    let test = try TestStore(kind)
    let store = try test.open()
    let job = try await submit(job("a"), to: store)
    _ = try await store.cancel(job.id)
    test.time = 50
    #expect(try await store.expire() == 0)
    test.time = 101
    #expect(try await store.expire() == 1)
    #expect(try await store.job(job.id)?.state == .expired)
    test.time = 151
    _ = try await store.expire()
    #expect(try await store.job(job.id) == nil)
  }

  /// Many at once: each group is given out once.
  @Test(arguments: DatabaseKind.allCases)
  func aGroupIsGivenToOneWorker(_ kind: DatabaseKind) async throws {
    let test = try TestStore(kind)
    let store = try test.open()
    for index in 0..<10 { try await submit(job("\(index / 2)"), to: store) }
    let stores = try (0..<4).map { _ in kind == .sqlite ? store : try test.open() }
    let claimed = try await withThrowingTaskGroup(of: Job?.self) { group in
      for worker in 0..<20 {
        group.addTask { try await stores[worker % 4].claim(worker: "\(worker)") }
      }
      var claimed: [Job] = []
      for try await job in group { if let job { claimed.append(job) } }
      return claimed
    }
    #expect(claimed.count == 5 && Set(claimed.map(\.key)).count == 5)
    #expect(try await store.queue().waiting.entries.isEmpty)
  }

  /// Groups that are asked for, begun and ended at the same time: no job is left behind.
  @Test(arguments: DatabaseKind.allCases)
  func jobsThatComeWhileTheirGroupEndsAreNotForgotten(_ kind: DatabaseKind) async throws {
    let test = try TestStore(kind)
    let store = try test.open()
    let done = Done()
    let ids = try await withThrowingTaskGroup(of: [JobID].self) { group in
      for client in 0..<4 {
        group.addTask {
          var ids: [JobID] = []
          for number in 0..<20 {
            let job = job("\(number / 4)", client: "\(client)")
            while ids.count == number {
              do throws(ServiceError) {
                ids.append(try await store.submit(job) { done.result(job.key) }.id)
              } catch {
                guard error.code == .busy else { throw error }
                try await Task.sleep(for: .milliseconds(5))
              }
            }
          }
          done.clientIsServed()
          return ids
        }
        group.addTask {
          while done.servedClients < 4 {
            guard let job = try await store.claim(worker: "\(client)") else { continue }
            let result = done.result(job.key) ?? JobResult()
            done.keep(result, job.key)
            try await store.finish(.succeeded(result), key: job.key, worker: "\(client)")
          }
          return []
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(ids.count == 80)
    // Nothing is recovered: what joined a group that had ended would run for ever.
    while let job = try await store.claim(worker: "z") {
      try await store.finish(.succeeded(JobResult()), key: job.key, worker: "z")
    }
    for id in ids { #expect(try await store.job(id)?.state == .succeeded) }
  }

  /// Results that are there, and clients that have sent everything.
  private final class Done: Sendable {
    private let served = Atomic(0)

    var servedClients: Int { served.load(ordering: .relaxed) }

    func clientIsServed() { served.add(1, ordering: .relaxed) }

    private let results = Mutex<[ContentKey: JobResult]>([:])

    func result(_ key: ContentKey) -> JobResult? { results.withLock { $0[key] } }

    func keep(_ result: JobResult, _ key: ContentKey) { results.withLock { $0[key] = result } }
  }
}
