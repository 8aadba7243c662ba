// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Service

@Suite struct UploadTests {
  /// A form with fields and files.
  private func form(
    _ fields: [(String, String)], file: Data? = nil, name: String = "song.wav",
    field: String = "file"
  ) -> (headers: [(String, String)], body: Data) {
    var body = Data()
    for (field, value) in fields {
      body += Data(
        "--XX\r\nContent-Disposition: form-data; name=\"\(field)\"\r\n\r\n\(value)\r\n".utf8)
    }
    if let file {
      let head =
        "--XX\r\nContent-Disposition: form-data; name=\"\(field)\"; filename=\"\(name)\"\r\n"
      body += Data((head + "Content-Type: audio/wav\r\n\r\n").utf8) + file + Data("\r\n".utf8)
    }
    body += Data("--XX--\r\n".utf8)
    return ([("Content-Type", "multipart/form-data; boundary=XX")], body)
  }

  @Test func aBodyAndAFormGiveTheSameStems() async throws {
    let server = try await RunningService()
    let song = try Song.wave()
    let raw = try await server.separate(song, query: "?name=a.wav&two-stems=vocals")
    #expect(raw.status == 202)
    let id = try #require(raw.json["id"] as? String)
    #expect(raw.headers["location"] == "/v1/jobs/\(id)")
    let job = try await server.finished(id).json
    let stems = try #require(job["stems"] as? [[String: Any]])
    #expect(stems.compactMap { $0["name"] as? String } == ["vocals", "no_vocals"])
    #expect(stems.allSatisfy { $0["frameCount"] as? Int == 44_100 })
    #expect((job["input"] as? [String: Any])?["name"] as? String == "a.wav")

    let (headers, body) = form([("two-stems", "vocals")], file: song)
    let second = try await server.client.send(
      "POST", "/v1/separations", headers: headers, body: body)
    // The same song and settings: the result is there already.
    #expect(second.status == 202)
    #expect(second.json["state"] as? String == "succeeded")
    #expect((second.json["input"] as? [String: Any])?["name"] as? String == "song.wav")
  }

  @Test func whatIsTooLargeIsRefusedBeforeAndWhileItIsSent() async throws {
    let server = try await RunningService { $0.limits.uploadBytes = 10_000 }
    let song = try Song.wave()
    let declared = try await server.separate(song)
    #expect(declared.status == 413)
    #expect(declared.headers["content-type"] == "application/problem+json")
    #expect(declared.json["type"] as? String == "urn:tonmeister:problem:tooLarge")
    var chunked = Data()
    for start in stride(from: 0, to: song.count, by: 4000) {
      let part = song[start..<min(start + 4000, song.count)]
      chunked += Data("\(String(part.count, radix: 16))\r\n".utf8) + part + Data("\r\n".utf8)
    }
    let undeclared = try await server.client.send(
      "POST", "/v1/separations",
      headers: [("Content-Type", "audio/wav"), ("Transfer-Encoding", "chunked")],
      body: nil, then: chunked + Data("0\r\n\r\n".utf8))
    #expect(undeclared.status == 413)
    #expect(server.folder.incomplete.isEmpty)
    #expect(server.folder.names("data/uploads").isEmpty)
  }

  @Test func whatIsNoAudioIsRefused() async throws {
    let server = try await RunningService()
    for body in [Data("this is no song".utf8), Data(), Data(repeating: 7, count: 5000)] {
      #expect(try await server.separate(body).status == 415)
    }
    let text = try await server.client.send(
      "POST", "/v1/separations", headers: [("Content-Type", "text/plain")], body: Data("x".utf8))
    #expect(text.status == 415)
    #expect(server.folder.incomplete.isEmpty)
    #expect(server.folder.names("data/uploads").isEmpty)
  }

  @Test(arguments: [
    "?model=nothing", "?stems=drums&two-stems=drums", "?stems=flute", "?two-stems=flute",
    "?precision=f16", "?stem=drums", "?model=../../lite", "?precision=bf16",
  ])
  func aWrongFieldIsNamed(query: String) async throws {
    let server = try await RunningService(runner: StubRunner())
    let response = try await server.separate(try Song.wave(seconds: 0.2), query: query)
    #expect(response.status == 422)
    let detail = try #require(response.json["detail"] as? String)
    #expect(!detail.contains("/opt") && !detail.contains(server.folder.url.path))
  }

  @Test func whatIsTooLongOrHasTooManyChannelsIsRefused() async throws {
    let server = try await RunningService {
      $0.limits.audioSeconds = 2
      $0.limits.channelCount = 2
    }
    #expect(try await server.separate(try Song.wave(seconds: 3)).status == 422)
    #expect(
      try await server.separate(try Song.wave(seconds: 1, channelCount: 4)).status == 422)
  }

  /// Headers lie: what counts is what was decoded.
  @Test func aSongThatIsLongerThanItMayBeIsFoundOutWhenItIsDecoded() throws {
    let folder = TemporaryFolder()
    let (song, output) = (folder.url.appending(path: "a"), folder.url.appending(path: "b"))
    try Song.wave(seconds: 3).write(to: song)
    var limits = ServiceLimits()
    limits.audioSeconds = 2
    var warnings: [String] = []
    let error = #expect(throws: ServiceError.self) {
      _ = try SongDecoder(limits: limits).decode(
        song, to: output, name: "original", warnings: &warnings, isCancelled: { false }
      ) { _, _ in }
    }
    #expect(error?.code == .invalid)
    #expect(!FileManager.default.fileExists(atPath: output.path))
  }

  @Test func aHostileNameIsOnlyAName() async throws {
    let server = try await RunningService(runner: StubRunner())
    let (headers, body) = form([], file: try Song.wave(), name: "../../../../tmp/x\u{0}<b>.wav")
    let response = try await server.client.send(
      "POST", "/v1/separations", headers: headers, body: body)
    #expect(response.status == 202)
    #expect((response.json["input"] as? [String: Any])?["name"] as? String == "x<b>.wav")
    let other = try await server.separate(
      try Song.wave(), query: "?name=..%2F..%2Fetc%2Fshadow%0d%0aX-Evil:%201")
    #expect((other.json["input"] as? [String: Any])?["name"] as? String == "shadowX-Evil: 1")
    // Everything that is kept has a name of the service's own.
    let digits = Set("0123456789abcdef")
    for folder in ["data/results", "data/uploads"] {
      for name in server.folder.names(folder) {
        #expect(name.count == 64 && name.allSatisfy(digits.contains))
      }
    }
  }

  @Test func anUploadThatEndsEarlyLeavesNothingBehind() async throws {
    let server = try await RunningService()
    let song = try Song.wave()
    let client = server.client
    try await client.onThread {
      let connection = try HTTPClient.Connection(port: client.port)
      let head = client.head(
        "POST", "/v1/separations", [("Content-Type", "audio/wav")], song)
      try connection.write(head + song.prefix(1000))
    }
    try await Task.sleep(for: .milliseconds(300))
    #expect(server.folder.incomplete.isEmpty)
    #expect(try await server.client.get("/v1/jobs").json["jobs"] as? [String] == [])
  }

  @Test func anUploadThatDripsIsGivenUp() async throws {
    let server = try await RunningService {
      $0.limits.uploadGrace = .milliseconds(300)
      $0.limits.slowestUpload = 100_000
    }
    let client = server.client
    let response = try await client.onThread {
      let connection = try HTTPClient.Connection(port: client.port)
      try connection.write(
        client.head(
          "POST", "/v1/separations",
          [("Content-Type", "audio/wav"), ("Content-Length", "1000000")], nil))
      for _ in 0..<400 where !connection.hasAnswer {
        try connection.write(Data(repeating: 0, count: 10))
        Thread.sleep(forTimeInterval: 0.05)
      }
      return try connection.response()
    }
    #expect(response.status == 408)
    #expect(response.headers["connection"] == "close")
    #expect(server.folder.incomplete.isEmpty)
  }

  /// Neither half a head nor half a body keeps a connection.
  @Test(arguments: [
    "POST /v1/separations HT",
    "POST /v1/plans HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{\"job\"",
  ])
  func aRequestThatStopsInItsMidstIsClosed(start: String) async throws {
    let server = try await RunningService { $0.limits.idleTimeout = .seconds(1) }
    let client = server.client
    let began = ContinuousClock.now
    let rest = try await client.onThread {
      let connection = try HTTPClient.Connection(port: client.port)
      try connection.write(Data(start.utf8))
      return connection.read()
    }
    #expect(rest.isEmpty || String(decoding: rest, as: UTF8.self).contains("HTTP/1.1 4"))
    // Reading itself gives up after five minutes.
    #expect(ContinuousClock.now - began < .seconds(200))
  }
}
