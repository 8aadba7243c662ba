// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Tonmeister

@Suite struct OtherCommandTests {
  @Test func modelsAreListed() throws {
    let place = try Workplace()
    let table = try place.tool.run("models", "list", "--repo", "models")
    #expect(table.status == 0)
    let lines = table.output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(lines[0] == ["NAME", "STEMS", "SIZE", "LICENCE", "INSTALLED"])
    #expect(lines[1].first == "through")
    #expect(lines.contains { $0.first == "lite" && $0.last == "yes" })
    #expect(try place.tool.run("separate", "--list-models").output.contains("lite"))

    let json = try place.tool.run("models", "list", "--json")
    let models = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
    let names = (models as? [[String: Any]])?.compactMap { $0["name"] as? String }
    #expect(names == ["lite", "htdemucs", "htdemucs_ft", "htdemucs_6s", "hdemucs_mmi"])
  }

  @Test func stemsAreEvaluated() throws {
    struct Report: Decodable {
      var signalToDistortionRatioDB: [String: Double]
      var meanDB: Double
    }
    let place = try Workplace()
    try place.song("true/bass.wav")
    try place.song("true/drums.flac", format: .flac(bitsPerSample: 16))
    let bass = try place.song("estimates/bass.wav")
    try place.song("estimates/drums.wav")
    let half = AudioBuffer(
      channelCount: 2, frameCount: bass.frameCount, samples: bass.samples.map { $0 / 2 })
    let writer = try AudioWriter(
      path: place.url.appending(path: "estimates/bass.wav").path, format: .wavFloat32,
      sampleRate: 44_100, channelCount: 2)
    try writer.write(half)
    try writer.finish()

    let result = try place.tool.run("evaluate", "estimates", "true", "--json")
    #expect(result.status == 0)
    let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
    // Half the level is 20·log10(2) away.
    #expect(abs((report.signalToDistortionRatioDB["bass"] ?? 0) - 6.0206) < 1e-2)
    #expect((report.signalToDistortionRatioDB["drums"] ?? 0) > 80)

    let table = try place.tool.run("evaluate", "estimates", "true")
    #expect(table.output.contains("bass"))
    #expect(table.output.contains("6.02"))
  }

  @Test func stemsThatCannotBeComparedAreNamed() throws {
    let place = try Workplace()
    try place.song("true/bass.wav", sampleRate: 48_000)
    try place.song("estimates/bass.wav")
    let rates = try place.tool.run("evaluate", "estimates", "true")
    #expect(rates.status == 1)
    #expect(rates.errors.contains("48000"))
    #expect(try place.tool.run("evaluate", "estimates", "lost").status == 1)
    #expect(try place.tool.run("evaluate", "estimates", "models").status == 1)
  }
}
