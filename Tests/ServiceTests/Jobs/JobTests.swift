// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Service

@Suite struct JobTests {
  /// The documents of a stream of events, in order.
  private func events(_ response: HTTPClient.Response) throws -> [[String: Any]] {
    try response.text.components(separatedBy: "\n\n").compactMap { event in
      guard event.hasPrefix("event: job") else { return nil }
      let line = try #require(event.split(separator: "\n").first { $0.hasPrefix("data: ") })
      return try JSONSerialization.jsonObject(with: Data(line.dropFirst(6).utf8))
        as? [String: Any]
    }
  }

  @Test func eventsTellHowAJobGoesOnUntilItsEnd() async throws {
    let runner = StubRunner(isOpen: false)
    let server = try await RunningService(runner: runner)
    let job = try await server.separate(try Song.wave(seconds: 0.3))
    let id = try #require(job.json["id"] as? String)
    let client = server.client
    async let stream = client.get("/v1/jobs/\(id)/events")
    for _ in 0..<400 {
      let metrics = try await client.get("/metrics").text
      if metrics.contains("tonmeister_event_streams 1.0"), !runner.begun.isEmpty { break }
      try await Task.sleep(for: .milliseconds(25))
    }
    try await Task.sleep(for: .seconds(1))
    runner.open()
    let response = try await stream
    #expect(response.headers["content-type"] == "text/event-stream")
    #expect(response.headers["cache-control"] == "no-store")
    let documents = try events(response)
    #expect(documents.count >= 3)
    let versions = documents.compactMap { $0["version"] as? Int }
    #expect(versions == versions.sorted())
    #expect(documents.last?["state"] as? String == "succeeded")
    #expect(documents.contains { $0["stage"] as? String == "waiting" })
    // Who comes late gets the end at once.
    #expect(try events(try await server.client.get("/v1/jobs/\(id)/events")).count == 1)
  }

  @Test func theSameSongIsComputedOnce() async throws {
    let runner = StubRunner(isOpen: false)
    let server = try await RunningService(runner: runner)
    let song = try Song.wave(seconds: 0.3)
    var ids: [String] = []
    for name in ["a", "b", "c"] {
      let job = try await server.separate(song, query: "?name=\(name).wav")
      ids.append(try #require(job.json["id"] as? String))
    }
    _ = try await server.separate(song, query: "?two-stems=vocals")
    #expect(Set(ids).count == 3)
    runner.open()
    for id in ids {
      #expect(try await server.finished(id).json["state"] as? String == "succeeded")
    }
    let done = try await server.separate(song)
    #expect(done.json["state"] as? String == "succeeded")
    for _ in 0..<100 where runner.begun.count < 2 { try await Task.sleep(for: .milliseconds(20)) }
    #expect(runner.begun.count == 2)
  }

  @Test func aCancelledJobStopsUnlessOthersWantIt() async throws {
    let runner = StubRunner(isOpen: false)
    let server = try await RunningService(runner: runner)
    let song = try Song.wave(seconds: 0.3)
    let first = try #require(try await server.separate(song).json["id"] as? String)
    let second = try #require(try await server.separate(song).json["id"] as? String)
    for _ in 0..<100 where runner.begun.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
    let cancelled = try await server.client.send("DELETE", "/v1/jobs/\(first)")
    #expect(cancelled.status == 202)
    #expect(cancelled.json["state"] as? String == "cancelled")
    try await Task.sleep(for: .milliseconds(500))
    #expect(runner.cancelled == 0)
    #expect(try await server.client.send("DELETE", "/v1/jobs/\(second)").status == 202)
    for _ in 0..<100 where runner.cancelled == 0 { try await Task.sleep(for: .milliseconds(20)) }
    #expect(runner.cancelled == 1)
    // One that has ended is removed, and stays so.
    #expect(try await server.client.send("DELETE", "/v1/jobs/\(first)").status == 204)
    #expect(try await server.client.get("/v1/jobs/\(first)").status == 404)
    #expect(server.folder.incomplete.isEmpty)
  }

  @Test func aRealSeparationIsCancelledInItsMidst() async throws {
    let server = try await RunningService()
    let job = try await server.separate(try Song.wave(seconds: 60, sampleRate: 16_000))
    let id = try #require(job.json["id"] as? String)
    for _ in 0..<400 {
      let progress = try await server.client.get("/v1/jobs/\(id)").json["progress"] as? Double
      if progress ?? 0 > 0.06 { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(try await server.client.send("DELETE", "/v1/jobs/\(id)").status == 202)
    for _ in 0..<200 where !server.folder.incomplete.isEmpty {
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(server.folder.incomplete.isEmpty)
    #expect(server.folder.names("data/results").isEmpty)
  }

  /// Two hundred at once: each is answered, with a job or with the time to come back.
  @Test func aFloodOfUploadsIsBoundedByTheQueue() async throws {
    let runner = StubRunner(isOpen: false)
    let server = try await RunningService(runner: runner) { $0.limits.queueLength = 20 }
    let client = server.client
    let songs = try (0..<200).map {
      try Song.wave(seconds: 0.05, sampleRate: 8000, channelCount: 1, seed: UInt64($0))
    }
    let responses = try await withThrowingTaskGroup(of: HTTPClient.Response.self) { group in
      for song in songs {
        group.addTask {
          try await client.send(
            "POST", "/v1/separations", headers: [("Content-Type", "audio/wav")], body: song)
        }
      }
      var responses: [HTTPClient.Response] = []
      for try await response in group { responses.append(response) }
      return responses
    }
    let accepted = responses.filter { $0.status == 202 }
    let refused = responses.filter { $0.status == 429 }
    #expect(accepted.count + refused.count == 200)
    // Those that wait, and one that runs; uploads that are just becoming jobs may count twice.
    #expect((10...22).contains(accepted.count))
    #expect(refused.allSatisfy { Int($0.headers["retry-after"] ?? "") ?? 0 >= 1 })
    #expect(server.folder.names("data/uploads").count <= accepted.count)
    runner.open()
    for response in accepted {
      let id = try #require(response.json["id"] as? String)
      #expect(try await server.finished(id).json["state"] as? String == "succeeded")
    }
    #expect(runner.begun.count == accepted.count)
  }

  @Test func oneClientDoesNotKeepAnotherWaiting() async throws {
    let runner = StubRunner(isOpen: false)
    let secrets = ["0123456789abcdef-a", "0123456789abcdef-b"]
    let tokens = try secrets.map { try AccessToken(secret: $0) }
    let server = try await RunningService(runner: runner) { $0.tokens = tokens }
    func send(_ client: Int, _ seed: UInt64) async throws -> HTTPClient.Response {
      try await server.separate(
        try Song.wave(seconds: 0.1, seed: seed),
        headers: [("Authorization", "Bearer \(secrets[client])")])
    }
    for seed in 0..<6 { _ = try await send(0, UInt64(seed)) }
    let other = try await send(1, 100)
    #expect(other.json["queuePosition"] as? Int == 1)
    #expect(other.json["waitSeconds"] as? Double ?? -1 >= 0)
    runner.open()
    let id = try #require(other.json["id"] as? String)
    _ = try await server.finished(id, headers: [("Authorization", "Bearer \(secrets[1])")])
    let place = try #require(runner.begun.firstIndex { $0.client == tokens[1].client })
    #expect(place <= 1)
  }

  @Test func oneClientDoesNotTakeAllPlaces() async throws {
    let runner = StubRunner(isOpen: false)
    let secrets = ["0123456789abcdef-a", "0123456789abcdef-b"]
    let tokens = try secrets.map { try AccessToken(secret: $0) }
    let server = try await RunningService(runner: runner) {
      $0.tokens = tokens
      $0.limits.queueLength = 4
    }
    func send(_ client: Int, _ seed: UInt64) async throws -> Int {
      try await server.separate(
        try Song.wave(seconds: 0.1, seed: seed),
        headers: [("Authorization", "Bearer \(secrets[client])")]
      ).status
    }
    // One of them runs, two wait: its half of the queue.
    var statuses: [Int] = []
    for seed in 0..<6 { statuses.append(try await send(0, UInt64(seed))) }
    #expect(statuses.filter { $0 == 202 }.count <= 3 && statuses.last == 429)
    #expect(try await send(1, 100) == 202)
    runner.open()
  }

  @Test func jobsAreListedFromTheNewest() async throws {
    let server = try await RunningService(runner: StubRunner())
    var ids: [String] = []
    for seed in 0..<5 {
      let job = try await server.separate(try Song.wave(seconds: 0.1, seed: UInt64(seed)))
      ids.insert(try #require(job.json["id"] as? String), at: 0)
    }
    func list(_ query: String) async throws -> [String] {
      let jobs = try await server.client.get("/v1/jobs?\(query)").json["jobs"] as? [[String: Any]]
      return jobs?.compactMap { $0["id"] as? String } ?? []
    }
    #expect(try await list("limit=100") == ids)
    #expect(try await list("limit=2") == Array(ids[..<2]))
    #expect(try await list("before=\(ids[1])") == Array(ids[2...]))
    for query in ["limit=0", "limit=101", "before=x", "limit=1&limit=2"] {
      #expect(try await server.client.get("/v1/jobs?\(query)").status == 422)
    }
  }

  @Test func resultsThatAreTooOldOrTooLargeGo() async throws {
    let server = try await RunningService {
      $0.retention.interval = .milliseconds(200)
      $0.retention.diskBudget = 3_000_000
    }
    // A second of four stems and the song takes 1.8 MB.
    let first = try await server.separated(try Song.wave(seed: 1))
    let second = try await server.separated(try Song.wave(seed: 2))
    for _ in 0..<100 {
      if try await server.client.get("/v1/jobs/\(first)").status == 410 { break }
      try await Task.sleep(for: .milliseconds(50))
    }
    #expect(try await server.client.get("/v1/jobs/\(first)").status == 410)
    #expect(try await server.client.get("/v1/jobs/\(first)/stems/drums").status == 410)
    #expect(try await server.client.get("/v1/jobs/\(second)/stems/drums").status == 200)
    #expect(server.folder.names("data/results").count == 1)
    #expect(server.folder.names("data/uploads").isEmpty)
  }

  @Test func aJobIsTakenUpAgainWhereTheServiceEnded() async throws {
    let (runner, folder) = (StubRunner(isOpen: false), TemporaryFolder())
    let song = try Song.wave(seconds: 0.3)
    var server: RunningService? = try await RunningService(runner: runner, folder: folder)
    let id = try #require(try await server?.separate(song).json["id"] as? String)
    for _ in 0..<100 where runner.begun.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
    await server?.stop()
    server = nil
    let next = StubRunner()
    let again = try await RunningService(runner: next, folder: folder)
    let job = try await again.finished(id).json
    #expect(job["state"] as? String == "succeeded")
    #expect(job["attempt"] as? Int == 1)
    #expect(next.begun.count == 1)
  }

  @Test func twoServicesDoNotShareAFolder() async throws {
    let server = try await RunningService(runner: StubRunner())
    await #expect(throws: ServiceError.self) {
      _ = try await RunningService(runner: StubRunner(), folder: server.folder)
    }
  }

  @Test func aResultThatTheDiskCannotHoldIsNotBegun() async throws {
    let runner = StubRunner()
    let server = try await RunningService(runner: runner)
    let job = Job(
      client: ClientID(description: "anyone"), kind: .separation, key: ContentKey("test", ["a"]),
      settings: .separation(SeparationSettings(twoStems: "vocals")),
      inputs: [
        JobInput(
          role: "file", name: "a", sha256: "", byteCount: 1, durationSeconds: 1e9,
          sampleRate: 8000, channelCount: 1)
      ], name: "a", audioSeconds: 1e9, createdAt: Date())
    // The song and two stems, stereo, 32 bits.
    #expect(job.expectedBytes == 1_000_000_000 * 8000 * 3 * 2 * 4)
    _ = try await server.service.queue.submit(job)
    var ended = job
    for _ in 0..<1200 where !ended.state.isFinal {
      ended = try #require(try await server.service.queue.store.job(job.id))
      try await Task.sleep(for: .milliseconds(25))
    }
    #expect(ended.failure?.code == "full")
    #expect(runner.begun.isEmpty)
  }
}
