// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Logging
import Testing

@testable import Service

/// A service on a port and in a folder of its own, in this process; it ends with this object.
final class RunningService {
  let client: HTTPClient
  let service: TonmeisterService
  let folder: TemporaryFolder
  private let task: Task<Void, any Error>

  /// - Parameter runner: Does the work; nil for what does it really.
  init(
    runner: (any JobRunner)? = nil, folder: TemporaryFolder = TemporaryFolder(),
    configure: (inout ServiceConfiguration) -> Void = { _ in }
  ) async throws {
    self.folder = folder
    var configuration = ServiceConfiguration(dataFolder: folder.url.appending(path: "data"))
    configuration.port = 0
    configure(&configuration)
    var logger = Logger(label: "test") { LineLogHandler(label: $0, style: .json) }
    logger.logLevel = .critical
    let service = try TonmeisterService(
      configuration: configuration, logger: logger, metrics: PrometheusRegistry(), runner: runner)
    self.service = service
    let (ports, listening) = AsyncStream<Int>.makeStream()
    task = Task {
      defer { listening.finish() }
      try await service.run { listening.yield($0) }
    }
    var iterator = ports.makeAsyncIterator()
    client = HTTPClient(port: try #require(await iterator.next()))
  }

  deinit { task.cancel() }

  /// Ends the service and waits for its end.
  func stop() async {
    task.cancel()
    _ = await task.result
  }

  /// Sends a song and gives the job.
  func separate(
    _ song: Data, query: String = "", headers: [(String, String)] = []
  ) async throws -> HTTPClient.Response {
    try await client.send(
      "POST", "/v1/separations" + query, headers: [("Content-Type", "audio/wav")] + headers,
      body: song)
  }

  /// Waits until a job has ended.
  func finished(
    _ id: String, headers: [(String, String)] = []
  ) async throws -> HTTPClient.Response {
    for _ in 0..<1200 {
      let response = try await client.get("/v1/jobs/\(id)", headers)
      let state = response.json["state"] as? String
      if state != "queued", state != "running" { return response }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw HTTPClient.Failure()
  }

  /// A separated song: its identifier.
  func separated(_ song: Data, query: String = "") async throws -> String {
    let id = try #require(try await separate(song, query: query).json["id"] as? String)
    #expect(try await finished(id).json["state"] as? String == "succeeded")
    return id
  }
}

/// A folder that goes with this object.
final class TemporaryFolder: Sendable {
  let url: URL

  init() {
    url = FileManager.default.temporaryDirectory
      .appending(path: "tonmeister-service-\(UUID().uuidString)")
    try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The names of files in a folder below it.
  func names(_ folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: url.appending(path: folder).path)) ?? []
  }

  /// What the processes of the data folder have not completed.
  var incomplete: [String] { names("data/staging").flatMap { names("data/staging/\($0)") } }
}

/// Songs for tests.
enum Song {
  /// Noise as WAV of 16 bits; other seeds give other songs.
  static func wave(
    seconds: Double = 1, sampleRate: Int = 44_100, channelCount: Int = 2, seed: UInt64 = 1
  ) throws -> Data {
    let folder = TemporaryFolder()
    let file = folder.url.appending(path: "song.wav")
    let frameCount = Int(seconds * Double(sampleRate))
    var state = seed &* 7919 &+ 12_345
    let samples = (0..<channelCount * frameCount).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int(state >> 49) - 16_384) / 65_536
    }
    let writer = try AudioWriter(
      path: file.path, format: .wav16, sampleRate: sampleRate, channelCount: channelCount)
    try writer.write(
      AudioBuffer(channelCount: channelCount, frameCount: frameCount, samples: samples))
    try writer.finish()
    return try Data(contentsOf: file)
  }
}
