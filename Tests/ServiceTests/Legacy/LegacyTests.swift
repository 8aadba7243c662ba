// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Testing

@testable import Service

@Suite struct LegacyTests {
  private static let form = [("Content-Type", "multipart/form-data; boundary=X")]

  private func song() throws -> Data {
    let head = "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n"
    return Data(head.utf8) + (try Song.wave()) + Data("\r\n--X--\r\n".utf8)
  }

  @Test func anOlderFrontEndFindsWhatItKnows() async throws {
    let server = try await RunningService()
    #expect(try await server.client.get("/separation_progress").json["progress"] as? Double == 0)
    let started = try await server.client.send(
      "POST", "/start_separation", headers: Self.form, body: try song())
    #expect(started.status == 200)
    #expect(started.json["status"] as? String == "processing")
    for _ in 0..<400 {
      if try await server.client.get("/separation_progress").json["progress"] as? Double == 1 {
        break
      }
      try await Task.sleep(for: .milliseconds(25))
    }
    let progress = try await server.client.get("/separation_progress").json
    #expect(progress["status"] as? String == "completed")

    let bodies: [(String, String)] = [
      (
        "application/x-www-form-urlencoded", "vocals_gain=-60&drums_gain=0&bass_gain=0&other_gain=0"
      ),
      ("application/json", #"{"vocals": -60, "drums": 0}"#),
      (
        "multipart/form-data; boundary=X",
        "--X\r\nContent-Disposition: form-data; name=\"vocals_gain\"\r\n\r\n-60\r\n--X--\r\n"
      ),
    ]
    var paths: Set<String> = []
    for (type, body) in bodies {
      let mixed = try await server.client.send(
        "POST", "/mix", headers: [("Content-Type", type)], body: Data(body.utf8))
      #expect(mixed.status == 200, "\(mixed.text)")
      let path = try #require(mixed.json["path"] as? String)
      #expect(path.hasPrefix("/mixed_outputs/final_mix_") && path.hasSuffix(".wav"))
      paths.insert(path)
      let file = try await server.client.get(path)
      #expect(file.status == 200 && file.headers["content-type"] == "audio/wav")
      let place = server.folder.url.appending(path: "mix.wav")
      try file.body.write(to: place)
      let mix = try #require(try AudioReader(path: place.path).read(maximumFrames: 1 << 20))
      // The largest sample is full scale.
      #expect(mix.peak > 0.99 && mix.frameCount == 44_100)
    }
    #expect(paths.count == 3)
  }

  @Test func whatItCannotDoIsTold() async throws {
    let server = try await RunningService()
    #expect(try await server.client.post("/mix", json: ["vocals": 1]).status == 404)
    for path in ["/mixed_outputs/x.wav", "/mixed_outputs/..%2Fjobs.sqlite", "/mixed_outputs/"] {
      #expect(try await server.client.get(path).status == 404)
    }
    _ = try await server.separated(try Song.wave(seconds: 0.3))
    for body in [#"{"flute": 1}"#, #"{"vocals": "x"}"#, "[]"] {
      let response = try await server.client.send(
        "POST", "/mix", headers: [("Content-Type", "application/json")], body: Data(body.utf8))
      #expect([400, 422].contains(response.status))
    }
  }
}
