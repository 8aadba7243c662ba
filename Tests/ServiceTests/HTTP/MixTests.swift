// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore
import Testing

@testable import Service

@Suite struct MixTests {
  /// A mix of a song after the plan that was proposed: its job.
  private func mix(
    _ server: RunningService, of song: String, _ settings: [String: Any] = [:]
  ) async throws -> [String: Any] {
    let proposed = try await server.client.post("/v1/plans", json: ["job": song])
    #expect(proposed.status == 200)
    var request: [String: Any] = ["job": song, "plan": proposed.json]
    request.merge(settings) { $1 }
    let response = try await server.client.post("/v1/mixes", json: request)
    #expect(response.status == 202, "\(response.text)")
    let id = try #require(response.json["id"] as? String)
    return try await server.finished(id).json
  }

  @Test func aSongIsMixedAfterAPlanAndExported() async throws {
    let server = try await RunningService()
    let song = try await server.separated(try Song.wave(seconds: 3), query: "?name=a.wav")
    let job = try await mix(server, of: song)
    #expect(job["state"] as? String == "succeeded")
    #expect(job["kind"] as? String == "mix")
    let loudness = (job["levels"] as? [String: Any])?["integratedLUFS"] as? Double
    #expect(abs((loudness ?? 0) + 14) < 0.3)
    let url = try #require(job["mixURL"] as? String)
    let mix = try await server.client.get(url, [("Range", "bytes=0-3")])
    #expect(mix.status == 206 && mix.text == "RIFF")
    #expect(mix.headers["content-disposition"]?.contains("filename=\"a-mix.wav\"") == true)
    #expect(try await server.client.get("\(url)/peaks?points=10").status == 200)
    let meters = try await server.client.get("/v1/jobs/\(job["id"] ?? "")/meters").json
    let measured = (meters["mix"] as? [String: Any])?["integratedLUFS"] as? Double
    #expect(abs((measured ?? 0) - (loudness ?? 1)) < 0.01)
    let exports = [("dawproject", "a.dawproject"), ("rpp", "a.rpp.zip"), ("bwf", "a.bwf.zip")]
    for (format, name) in exports {
      let export = try await server.client.get(
        "/v1/jobs/\(job["id"] ?? "")/export?format=\(format)")
      #expect(export.status == 200)
      #expect(export.body.starts(with: Data("PK".utf8)))
      #expect(export.headers["content-disposition"]?.contains("\"\(name)\"") == true)
      // Nobody learns where our files are.
      #expect(export.body.range(of: Data(server.folder.url.path.utf8)) == nil)
    }
  }

  @Test(arguments: ["flac", "mp3", "opus"])
  func aMixComesInTheFormatThatWasAskedFor(format: String) async throws {
    let server = try await RunningService()
    let song = try await server.separated(try Song.wave(seconds: 1))
    let job = try await mix(server, of: song, ["format": format, "normalize": "peak"])
    let mix = try await server.client.get(try #require(job["mixURL"] as? String))
    let file = server.folder.url.appending(path: "mix")
    try mix.body.write(to: file)
    let reader = try AudioReader(path: file.path)
    #expect(reader.sourceFormat.channelCount == 2)
  }

  @Test func plansFollowTheAdviceThatWasAskedForAndATaste() async throws {
    let server = try await RunningService()
    let song = try await server.separated(try Song.wave(seconds: 2))
    let rules = try await server.client.post(
      "/v1/plans", json: ["job": song, "advice": ["rules"]])
    let plan = try MixPlan(text: rules.text)
    #expect(plan.tracks.map(\.name) == ["drums", "bass", "other", "vocals"])
    #expect(plan.tracks.allSatisfy { $0.because["gain"] != nil && $0.compressor == nil })

    var kept = plan
    kept.tracks[3].gainDB += 4
    var listener = Listener(name: "anna")
    for title in ["a", "b", "c", "d", "e"] {
      listener.learn(MixEdit(proposed: plan, kept: kept, title: title))
    }
    let stored = try await server.client.send(
      "PUT", "/v1/listeners/anna", headers: [("Content-Type", "application/json")],
      body: Data(listener.text.utf8))
    #expect(stored.status == 200)
    #expect(try await server.client.get("/v1/listeners").json["listeners"] as? [String] == ["anna"])
    #expect(try await server.client.get("/v1/listeners/anna").text == listener.text)
    let liked = try await server.client.post(
      "/v1/plans", json: ["job": song, "advice": ["rules"], "listener": "anna"])
    #expect(try MixPlan(text: liked.text).tracks[3].gainDB > plan.tracks[3].gainDB + 1)
    #expect(try await server.client.send("DELETE", "/v1/listeners/anna").status == 204)
    #expect(try await server.client.get("/v1/listeners/anna").status == 404)
    for name in ["..", "a%2Fb", "%00", ".x"] {
      #expect(try await server.client.get("/v1/listeners/\(name)").status != 200)
    }
  }

  @Test func whatIsWrongInADocumentIsNamed() async throws {
    let server = try await RunningService()
    let song = try await server.separated(try Song.wave(seconds: 0.5))
    let plan: [String: Any] = ["version": 1, "tracks": [["name": "drums"]]]
    let unknown: [String: Any] = ["version": 1, "tracks": [["name": "flute"]]]
    let cases: [([String: Any], Int, String)] = [
      (["job": song], 422, "plan"), (["plan": plan], 422, "job"),
      (["job": "x", "plan": plan], 404, "job"), (["job": song, "plan": unknown], 422, "flute"),
      (["job": song, "plan": ["version": 9]], 422, "version"),
      (["job": song, "plan": plan, "format": "doc"], 422, "format"),
      (["job": song, "plan": plan, "encoding": 16], 422, "encoding"),
      (["job": song, "plan": plan, "extra": 1], 422, "extra"),
      (["job": song, "plan": ["version": 1]], 422, "track"),
    ]
    for (request, status, word) in cases {
      let response = try await server.client.post("/v1/mixes", json: request)
      #expect(response.status == status, "\(response.text)")
      #expect((response.json["detail"] as? String)?.contains(word) == true)
    }
    let text = try await server.client.send(
      "POST", "/v1/mixes", headers: [("Content-Type", "application/json")], body: Data("{".utf8))
    #expect(text.status == 400)
    let form = try await server.client.send(
      "POST", "/v1/plans", headers: [("Content-Type", "text/plain")], body: Data("{}".utf8))
    #expect(form.status == 415)
    let advice = try await server.client.post(
      "/v1/plans", json: ["job": song, "advice": ["nobody"]])
    #expect(advice.status == 422)
  }

  @Test func aSongIsMeasured() async throws {
    let server = try await RunningService()
    let song = try await server.separated(try Song.wave(seconds: 2), query: "?name=a.wav")
    let meters = try await server.client.get("/v1/jobs/\(song)/meters").json
    #expect((meters["original"] as? [String: Any])?["integratedLUFS"] is Double)
    #expect((meters["stems"] as? [String: Any])?.count == 4)
    let features = try await server.client.get("/v1/jobs/\(song)/features")
    #expect((features.json["preference"] as? [Double])?.count == 23)
    #expect(features.json["frames"] == nil)
    #expect(!features.text.contains(server.folder.url.path))
  }

  @Test func aTakeIsPreparedAndMixedOverItsBacking() async throws {
    let server = try await RunningService()
    var body = Data()
    for (name, rate, seed) in [("vocal", 48_000, 1), ("backing", 44_100, 2)] {
      let head = "--X\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"\(name).wav\""
      let song = try Song.wave(
        seconds: seed == 1 ? 1.5 : 2, sampleRate: rate, channelCount: seed, seed: UInt64(seed))
      body += Data((head + "\r\n\r\n").utf8) + song + Data("\r\n".utf8)
    }
    let fields = [("latency", "0"), ("denoise", "0"), ("debleed", "0")].map {
      "--X\r\nContent-Disposition: form-data; name=\"\($0.0)\"\r\n\r\n\($0.1)\r\n"
    }.joined()
    let response = try await server.client.send(
      "POST", "/v1/takes", headers: [("Content-Type", "multipart/form-data; boundary=X")],
      body: body + Data((fields + "--X--\r\n").utf8))
    #expect(response.status == 202, "\(response.text)")
    let id = try #require(response.json["id"] as? String)
    let job = try await server.finished(id).json
    #expect(job["state"] as? String == "succeeded", "\(job)")
    let stems = try #require(job["stems"] as? [[String: Any]])
    #expect(stems.compactMap { $0["name"] as? String } == ["vocal", "backing"])
    // One rate and one length, so that they can be played together.
    #expect(Set(stems.compactMap { $0["sampleRate"] as? Int }) == [44_100])
    #expect(Set(stems.compactMap { $0["frameCount"] as? Int }).count == 1)
    let plan = try await server.client.post("/v1/plans", json: ["job": id])
    #expect(plan.status == 200, "\(plan.text)")
    #expect(try MixPlan(text: plan.text).tracks.map(\.name) == ["vocal", "backing"])
    let missing = try await server.client.send(
      "POST", "/v1/takes", headers: [("Content-Type", "multipart/form-data; boundary=X")],
      body: Data((fields + "--X--\r\n").utf8))
    #expect(missing.status == 422)
  }
}
