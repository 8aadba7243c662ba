// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Service

@Suite struct JobStoreTests {
  private let folder = TemporaryFolder()
  private let now = Date(timeIntervalSince1970: 1_700_000_000)

  private func store() throws -> SQLiteJobStore {
    try SQLiteJobStore(path: folder.url.appending(path: "jobs.sqlite").path)
  }

  private func job(_ key: String, client: String = "a", source: String? = nil) -> Job {
    Job(
      client: ClientID(description: client), kind: source == nil ? .separation : .mix,
      key: ContentKey("test", [key]), sourceKey: source.map { ContentKey("test", [$0]) },
      settings: .separation(SeparationSettings()), inputs: [], name: key, audioSeconds: 10,
      createdAt: now)
  }

  @discardableResult
  private func submit(_ job: Job, to store: SQLiteJobStore) async throws -> Job {
    try await store.submit(job, queueLength: 10) { nil }
  }

  private func later(_ seconds: Double) -> Date { now.addingTimeInterval(seconds) }

  @Test func whatWasKeptIsReadBackTheSame() async throws {
    var made = try await submit(job("a"), to: store())
    let read = try await store().job(made.id)
    #expect(read == made)
    made.sequence = nil
    #expect(read != made)
  }

  @Test func jobsOfTheSameKeyAreBegunAndEndTogether() async throws {
    let store = try store()
    let first = try await submit(job("a"), to: store)
    let second = try await submit(job("a", client: "b"), to: store)
    let other = try await submit(job("b"), to: store)
    let claimed = try await store.claim(worker: "w", now: now, leaseUntil: later(10))
    #expect(claimed?.id == first.id)
    #expect(try await store.job(second.id)?.state == .running)
    #expect(try await store.job(other.id)?.state == .queued)
    // One that comes later joins in.
    let third = try await submit(job("a"), to: store)
    #expect(third.state == .running && third.attempt == 1)
    let isWanted = try await store.report(
      JobProgress(fraction: 0.5, stage: "x"), key: first.key, worker: "w", leaseUntil: later(20))
    #expect(isWanted)
    var result = JobResult()
    result.warnings = ["w"]
    try await store.finish(
      .succeeded(result), key: first.key, worker: "w", now: later(5), expiresAt: later(100))
    for id in [first.id, second.id, third.id] {
      let ended = try await store.job(id)
      #expect(ended?.state == .succeeded && ended?.result == result && ended?.progress == 1)
    }
  }

  @Test func aWorkerThatLostItsJobIsTold() async throws {
    let store = try store()
    let job = try await submit(job("a"), to: store)
    _ = try await store.claim(worker: "w", now: now, leaseUntil: later(10))
    func report(_ worker: String) async throws -> Bool {
      try await store.report(
        JobProgress(fraction: 0.5, stage: "x"), key: job.key, worker: worker,
        leaseUntil: later(20))
    }
    #expect(try await report("w"))
    #expect(try await !report("v"))
    _ = try await store.cancel(job.id, now: now, expiresAt: later(100))
    #expect(try await !report("w"))
  }

  @Test func abandonedWorkIsBegunAgainAndGivenUpInTheEnd() async throws {
    let store = try store()
    let job = try await submit(job("a"), to: store)
    for attempt in 1...3 {
      let claimed = try await store.claim(worker: "w", now: now, leaseUntil: later(10))
      #expect(claimed?.attempt == attempt)
      // A lease that holds is respected, and so is the worker of this process.
      #expect(
        try await store.recover(
          except: "v", now: later(5), attempts: 3, expiresAt: later(100)) == 0)
      #expect(
        try await store.recover(
          except: "w", now: later(50), attempts: 3, expiresAt: later(100)) == 0)
      let count = try await store.recover(
        except: attempt == 2 ? "v" : nil, now: later(50), attempts: 3, expiresAt: later(100))
      #expect(count == (attempt < 3 ? 1 : 0))
    }
    let ended = try await store.job(job.id)
    #expect(ended?.state == .failed)
    #expect(ended?.failure?.message.contains("3 times") == true)
  }

  @Test func whatIsPutBackWasNotBegun() async throws {
    let store = try store()
    let job = try await submit(job("a"), to: store)
    _ = try await store.claim(worker: "w", now: now, leaseUntil: later(10))
    try await store.release(key: job.key, worker: "w")
    let released = try await store.job(job.id)
    #expect(released?.state == .queued && released?.attempt == 0)
  }

  @Test func theQueueIsBounded() async throws {
    let store = try store()
    for index in 0..<10 { try await submit(job("\(index)"), to: store) }
    await #expect(throws: ServiceError.self) { try await submit(job("x"), to: store) }
    // A result that is there takes no place.
    let done = try await store.submit(job("y"), queueLength: 10) { JobResult() }
    #expect(done.state == .succeeded)
  }

  @Test func theOldestResultsThatNothingNeedsGoFirst() async throws {
    let store = try store()
    for (index, key) in ["a", "b", "c"].enumerated() {
      let job = try await submit(job(key), to: store)
      _ = try await store.claim(worker: "w", now: now, leaseUntil: later(10))
      try await store.finish(
        .succeeded(JobResult()), key: job.key, worker: "w", now: later(Double(index)),
        expiresAt: later(100))
    }
    // A mix of the oldest waits.
    try await submit(job("m", source: "a"), to: store)
    #expect(try await store.expireOldest() == ContentKey("test", ["b"]))
    #expect(try await store.expireOldest() == ContentKey("test", ["c"]))
    #expect(try await store.expireOldest() == nil)
    let seen = Seen()
    try await store.clean { keys, _ in seen.keys = keys }
    #expect(seen.keys == Set(["a", "m"].map { ContentKey("test", [$0]).description }))
  }

  /// What a closure saw; used by one task at a time.
  private final class Seen: @unchecked Sendable {
    var keys: Set<String> = []
  }

  @Test func jobsExpireAndAreForgottenMuchLater() async throws {
    let store = try store()
    let job = try await submit(job("a"), to: store)
    _ = try await store.cancel(job.id, now: now, expiresAt: later(100))
    #expect(try await store.expire(now: later(50), forgetBefore: now) == 0)
    #expect(try await store.expire(now: later(101), forgetBefore: now) == 1)
    #expect(try await store.job(job.id)?.state == .expired)
    _ = try await store.expire(now: later(200), forgetBefore: later(150))
    #expect(try await store.job(job.id) == nil)
  }

  /// Many at once: each group is given out once.
  @Test func aGroupIsGivenToOneWorker() async throws {
    let store = try store()
    for index in 0..<10 { try await submit(job("\(index)"), to: store) }
    let now = now
    let claimed = try await withThrowingTaskGroup(of: Job?.self) { group in
      for worker in 0..<20 {
        group.addTask {
          try await store.claim(
            worker: "\(worker)", now: now, leaseUntil: now.addingTimeInterval(10))
        }
      }
      var claimed: [JobID] = []
      for try await job in group { if let job { claimed.append(job.id) } }
      return claimed
    }
    #expect(claimed.count == 10 && Set(claimed).count == 10)
  }
}
