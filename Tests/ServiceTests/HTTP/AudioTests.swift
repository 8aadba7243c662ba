// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Testing

@testable import Service

@Suite struct AudioTests {
  @Test func partsOfAStemAreThoseOfTheWhole() async throws {
    let server = try await RunningService()
    let id = try await server.separated(try Song.wave(), query: "?name=S%C3%B6ng.wav")
    let url = "/v1/jobs/\(id)/stems/drums"
    let whole = try await server.client.get(url)
    #expect(whole.status == 200)
    #expect(whole.headers["content-type"] == "audio/wav")
    #expect(whole.headers["accept-ranges"] == "bytes")
    #expect(
      whole.headers["content-disposition"]
        == "attachment; filename=\"S_ng-drums.wav\"; filename*=UTF-8''S%C3%B6ng-drums.wav")
    let bytes = whole.body
    #expect(bytes.count > 44_100 * 8)
    let tag = try #require(whole.headers["etag"])
    #expect(tag.hasPrefix("\""))

    func part(_ range: String, _ more: [(String, String)] = []) async throws
      -> HTTPClient.Response
    { try await server.client.get(url, [("Range", range)] + more) }

    let middle = try await part("bytes=100-199")
    #expect(middle.status == 206)
    #expect(middle.body == bytes[100..<200])
    #expect(middle.headers["content-range"] == "bytes 100-199/\(bytes.count)")
    #expect(middle.headers["content-length"] == "100")
    let suffix = try await part("bytes=-7")
    #expect(suffix.body == bytes.suffix(7))
    let end = try await part("bytes=\(bytes.count - 3)-")
    #expect(end.body == bytes.suffix(3))
    let beyond = try await part("bytes=\(bytes.count)-")
    #expect(beyond.status == 416)
    #expect(beyond.headers["content-range"] == "bytes */\(bytes.count)")
    #expect(beyond.headers["content-type"] == "application/problem+json")
    let several = try await part("bytes=0-1,4-5")
    #expect(several.status == 200 && several.body == bytes)

    #expect(try await part("bytes=0-9", [("If-Range", tag)]).status == 206)
    #expect(try await part("bytes=0-9", [("If-Range", "\"other\"")]).body == bytes)
    let date = "Sat, 01 Jan 2000 00:00:00 GMT"
    #expect(try await part("bytes=0-9", [("If-Range", date)]).status == 200)
    for known in [tag, "*", "W/\(tag)", "\"a\", \(tag)"] {
      let response = try await server.client.get(url, [("If-None-Match", known)])
      #expect(response.status == 304 && response.body.isEmpty)
    }
    #expect(try await server.client.get(url, [("If-None-Match", "\"a\"")]).status == 200)

    let head = try await server.client.send("HEAD", url)
    #expect(head.status == 200 && head.body.isEmpty)
    #expect(head.headers["content-length"] == "\(bytes.count)")
    #expect(head.headers["etag"] == tag)
    // Ranges are for GET.
    for range in ["bytes=0-9", "bytes=999999999-"] {
      let part = try await server.client.send("HEAD", url, headers: [("Range", range)])
      #expect(part.status == 200 && part.headers["content-length"] == "\(bytes.count)")
    }
  }

  @Test(arguments: [
    ("format=flac", "audio/flac", "flac"), ("format=flac&encoding=int16", "audio/flac", "flac"),
    ("format=mp3", "audio/mpeg", "mp3"), ("format=opus", "audio/ogg", "opus"),
    ("format=wav&encoding=int16", "audio/wav", "wav"),
    ("encoding=int24", "audio/wav", "wav"),
  ])
  func aStemComesInTheFormatThatWasAskedFor(
    query: String, type: String, ending: String
  ) async throws {
    let server = try await RunningService()
    let id = try await server.separated(try Song.wave())
    let url = "/v1/jobs/\(id)/stems/bass?\(query)"
    // Two at the same time are one computation.
    let client = server.client
    async let first = client.get(url)
    async let second = client.get(url)
    let (one, two) = try await (first, second)
    #expect(one.status == 200 && one.body == two.body)
    #expect(one.headers["etag"] == two.headers["etag"])
    #expect(one.headers["content-type"] == type)
    #expect(one.headers["content-disposition"]?.contains("-bass.\(ending)") == true)
    let file = server.folder.url.appending(path: "stem.\(ending)")
    try one.body.write(to: file)
    let reader = try AudioReader(path: file.path)
    var frames = 0
    while let block = try reader.read(maximumFrames: 10_000) { frames += block.frameCount }
    let seconds = Double(frames) / Double(reader.sourceFormat.sampleRate)
    #expect(abs(seconds - 1) < 0.06)
  }

  @Test func stemsAndOriginalAreAlignedAndAddUp() async throws {
    let server = try await RunningService()
    let id = try await server.separated(try Song.wave(seconds: 0.5, sampleRate: 32_000))
    func samples(_ path: String) async throws -> [Float] {
      let file = server.folder.url.appending(path: "a.wav")
      try await server.client.get("/v1/jobs/\(id)/\(path)").body.write(to: file)
      let reader = try AudioReader(path: file.path)
      #expect(reader.sourceFormat.sampleRate == 32_000)
      return try reader.read(maximumFrames: 1 << 20)?.samples ?? []
    }
    let original = try await samples("original")
    #expect(original.count == 2 * 16_000)
    var sum = [Float](repeating: 0, count: original.count)
    for stem in ["drums", "bass", "other", "vocals"] {
      let stem = try await samples("stems/\(stem)")
      #expect(stem.count == original.count)
      for index in sum.indices { sum[index] += stem[index] }
    }
    func power(_ samples: [Float]) -> Float { samples.reduce(0) { $0 + $1 * $1 } }
    // The network gives back nearly all of it, also of noise.
    #expect(power(zip(sum, original).map { $0 - $1 }) < 0.1 * power(original))
  }

  @Test func allStemsComeInOneArchive() async throws {
    let server = try await RunningService()
    let id = try await server.separated(try Song.wave())
    let archive = try await server.client.get("/v1/jobs/\(id)/stems.zip?format=flac")
    #expect(archive.status == 200)
    #expect(archive.headers["content-type"] == "application/zip")
    for stem in ["drums", "bass", "other", "vocals"] {
      #expect(archive.body.range(of: Data("\(stem).flac".utf8)) != nil)
    }
  }

  @Test func waveformsAreGivenInAnyNumberOfPoints() async throws {
    let server = try await RunningService()
    let id = try await server.separated(try Song.wave())
    for (path, points) in [("stems/drums", 100), ("original", 1), ("stems/vocals", 689)] {
      let peaks = try await server.client.get("/v1/jobs/\(id)/\(path)/peaks?points=\(points)")
      #expect(peaks.status == 200)
      #expect(peaks.json["points"] as? Int == points)
      #expect((peaks.json["minimum"] as? [Double])?.count == points)
      let tag = try #require(peaks.headers["etag"])
      let again = try await server.client.get(
        "/v1/jobs/\(id)/\(path)/peaks?points=\(points)", [("If-None-Match", tag)])
      #expect(again.status == 304)
    }
    for points in ["0", "100001", "x", "-1", "1.5"] {
      let response = try await server.client.get(
        "/v1/jobs/\(id)/original/peaks?points=\(points)")
      #expect(response.status == 422)
    }
  }

  @Test func whatIsNotThereIsToldApart() async throws {
    let server = try await RunningService()
    let id = try await server.separated(try Song.wave(seconds: 0.3))
    let unknown = String(repeating: "0", count: 32)
    for (path, status) in [
      ("/v1/jobs/\(unknown)", 404), ("/v1/jobs/..%2F..%2Fetc", 404), ("/v1/jobs/x", 404),
      ("/v1/jobs/\(id)/stems/flute", 404), ("/v1/jobs/\(id)/stems/..%2foriginal", 404),
      ("/v1/jobs/\(id)/mix", 404), ("/v1/jobs/\(id)/export", 409),
      ("/v1/jobs/\(id)/stems/drums?format=doc", 422), ("/v1/nothing", 404), ("/etc/passwd", 404),
      ("/..%2f..%2fetc/passwd", 404), ("/v1/jobs/\(id)/stems/drums?formt=wav", 422),
    ] {
      let response = try await server.client.get(path)
      #expect(response.status == status, "\(path)")
      #expect(response.headers["content-type"] == "application/problem+json")
      #expect(response.json["status"] as? Int == status)
    }
    let method = try await server.client.send("PUT", "/v1/jobs/\(id)")
    #expect(method.status == 405)
    #expect(method.headers["allow"] == "DELETE, GET, HEAD")
  }

  /// Who does not take an answer does not keep its connection.
  @Test func anAnswerThatNobodyTakesIsCutOff() async throws {
    // More than the buffers of both sides hold.
    let byteCount = 64 << 20
    let runner = StubRunner(originalBytes: byteCount)
    let server = try await RunningService(runner: runner) { $0.limits.idleTimeout = .seconds(3) }
    let id = try await server.separated(try Song.wave(seconds: 0.3))
    let client = server.client
    let (slow, beginning) = try await client.onThread {
      let connection = try HTTPClient.Connection(port: client.port, receiveBuffer: 4096)
      try connection.write(client.head("GET", "/v1/jobs/\(id)/original", [], nil))
      return (connection, connection.read())
    }
    // Who takes it gets it all.
    let whole = try await client.get("/v1/jobs/\(id)/original")
    #expect(whole.body.count == byteCount)
    // Four times the limit, and a while.
    try await Task.sleep(for: .seconds(16))
    let rest = try await client.onThread { slow.readAll() }
    #expect(beginning.count + rest.count < byteCount)
  }
}
