// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Tonmeister

/// `tonmeister remix`, and `mix` with advisors.
@Suite struct RemixTests {
  @Test func theSecondRemixTakesItsStemsFromTheFirst() throws {
    let place = try Workplace()
    try place.song("song.wav", frameCount: 88_200)
    let model = ["--repo", "models", "-n", "through", "--progress", "none"]
    func remix(_ more: String...) throws -> Tool.Result {
      try place.tool.run(executable: Tool.executable, ["remix", "song.wav"] + model + more)
    }
    let first = try remix("--vocals", "-3", "-o", "a.wav")
    #expect(first.status == 0, "\(first.errors)")
    let kept = place.files(below: "cache").filter { $0.hasSuffix("vocals.wav") }
    #expect(kept.count == 1)
    let second = try remix("--vocals", "-3", "-o", "b.wav")
    #expect(second.status == 0)
    #expect(try place.read("a.wav").buffer == place.read("b.wav").buffer)
    #expect(place.files(below: "cache").filter { $0.hasSuffix("vocals.wav") } == kept)
    #expect(try remix("--karaoke").status == 0)
    #expect(place.files(below: "").contains("song-karaoke.wav"))
    #expect(try remix("--karaoke", "--acapella").status == 64)
    #expect(try remix("--gain", "flute=1", "-o", "c.wav").status == 1)
    #expect(try remix("-o", "song.wav").status == 1)
    #expect(try remix("-o", "c.wav", "--write-plan", "song.wav").status == 1)
    #expect(try place.read("song.wav").buffer.frameCount == 88_200)
    let auto = try remix("--auto", "--explain", "-o", "auto.wav")
    #expect(auto.status == 0, "\(auto.errors)")
    #expect(auto.output.contains("RMS:") && auto.output.contains("master: loudness"))
    #expect(place.files(below: "cache").filter { $0.contains("partial") }.isEmpty)
    #expect(try remix("--vocals", "100", "-o", "c.wav").errors.contains("--vocals"))
    #expect(try remix("-o", "none/c.wav").errors.contains("--out"))
  }

  @Test(arguments: ["removed", "cut", "zeroed"])
  func aDamagedStemIsMadeAnew(damage: String) throws {
    let place = try Workplace()
    try place.song("song.wav", frameCount: 44_100)
    func remix(_ out: String) throws -> Tool.Result {
      try place.tool.run(
        "remix", "song.wav", "--repo", "models", "-n", "through", "--progress", "none", "-o", out)
    }
    #expect(try remix("a.wav").status == 0)
    let name = try #require(
      place.files(below: "cache").first { $0.hasSuffix("vocals.wav") })
    let file = place.url.appending(path: "cache/\(name)")
    switch damage {
    case "removed": try FileManager.default.removeItem(at: file)
    case "cut": try Data(contentsOf: file).prefix(50_000).write(to: file)
    default: try Data(count: Data(contentsOf: file).count).write(to: file)
    }
    let again = try remix("b.wav")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try place.read("a.wav").buffer == place.read("b.wav").buffer)
  }

  @Test func whatFlagsHaveMovedIsTold() throws {
    let place = try Workplace()
    try place.song("vocals.wav", frameCount: 88_200)
    try place.song("drums.wav", frameCount: 88_200)
    let result = try place.tool.run(
      "mix", "vocals.wav", "drums.wav", "-o", "mix.wav", "--auto", "rules,loudness", "--explain",
      "--gain", "drums=-4", "--loudness", "-20")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("Summary of the gains"))
    #expect(result.output.contains("drums: -4.00 dB\n"))
    #expect(!result.output.contains("drums: gain"))
    #expect(result.output.contains("vocals: gain"))
    #expect(!result.output.contains("-14.0 LUFS:"))
    // The two are the same noise.
    #expect(result.errors.contains("are the same"))
    let wrong = try place.tool.run("mix", "vocals.wav", "-o", "x.wav", "--gain", "vocals=100")
    #expect(wrong.status == 1 && wrong.errors.contains("--gain vocals=100"))
    let vocal = try place.tool.run(
      "mix", "--vocal", "vocals.wav", "--backing", "drums.wav", "-o", "x.wav", "--auto", "rules")
    #expect(vocal.status == 1 && vocal.errors.contains("equalization, compression"))
  }

  @Test func advisorsWriteThePlanThatMixes() throws {
    let place = try Workplace()
    try place.song("song.wav", frameCount: 88_200)
    let result = try place.tool.run(
      "mix", "vocals=song.wav", "-o", "mix.wav", "--auto", "rules,reverb", "--write-plan",
      "plan.json", "--gain", "vocals=-4")
    #expect(result.status == 0, "\(result.errors)")
    let plan = try MixPlan(
      text: String(contentsOf: place.url.appending(path: "plan.json"), encoding: .utf8))
    #expect(plan.tracks[0].gainDB == -4)
    #expect(plan.tracks[0].reverbSendDB != nil)
    #expect(
      try place.tool.run("mix", "song.wav", "-o", "x.wav", "--auto", "rules,magic").status == 64)
    #expect(try place.tool.run("mix", "song.wav", "-o", "x.wav", "--explain").status == 1)
  }
}
