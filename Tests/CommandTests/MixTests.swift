// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Tonmeister

@Suite struct MixTests {
  private func stems(_ place: Workplace) throws {
    for (index, name) in ["drums", "bass", "vocals"].enumerated() {
      try place.song("\(name).wav", frameCount: 60_000 - 5_000 * index)
    }
  }

  @Test func stemsBecomeAMixOfTheRightLoudness() throws {
    struct Report: Decodable {
      var mix: String
      var frames: Int
      var integratedLUFS: Double
      var truePeakDB: Double
      var plan: String
    }
    let place = try Workplace()
    try stems(place)
    let result = try place.tool.run(
      "mix", "drums.wav", "bass.wav", "vocals.wav", "-o", "mix.wav", "--json", "--write-plan",
      "plan.json", "--gain", "bass=-2", "--pan", "vocals=0.25", "--high-pass", "vocals=80",
      "--low-pass", "drums=8000", "--mute", "drums")
    #expect(result.status == 0)
    let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
    #expect(report.frames == 60_000)
    #expect(abs(report.integratedLUFS + 14) < 0.1)
    #expect(report.truePeakDB <= -1)
    #expect(try place.read("mix.wav").buffer.frameCount == 60_000)
    let plan = try MixPlan(
      text: String(contentsOf: place.url.appending(path: "plan.json"), encoding: .utf8))
    #expect(plan.tracks.map(\.name) == ["drums", "bass", "vocals"])
    #expect(plan.tracks[0].mute)
    #expect(plan.tracks[0].lowPass?.frequencyHz == 8000)
    #expect(plan.tracks[1].gainDB == -2)
    #expect(plan.tracks[2].pan == 0.25)
    #expect(plan.tracks[2].highPass?.frequencyHz == 80)
    #expect(plan.master.loudnessLUFS == -14)
    #expect(plan.master.limiter?.ceilingDB == -1)
    // The plan alone makes the same mix, whatever the order of the stems.
    let again = try place.tool.run(
      "mix", "vocals.wav", "drums.wav", "bass.wav", "--plan", "plan.json", "-o", "again.wav")
    #expect(again.status == 0)
    let files = try ["mix.wav", "again.wav"].map {
      try Data(contentsOf: place.url.appending(path: $0))
    }
    #expect(files[0] == files[1])
  }

  @Test func aSoloedStemAloneIsTheStem() throws {
    let place = try Workplace()
    try stems(place)
    let result = try place.tool.run(
      "mix", "drums.wav", "bass.wav", "-o", "mix.wav", "--float32", "--normalize", "none", "--solo",
      "bass", "--stems-out", "parts")
    #expect(result.status == 0)
    let mix = try place.read("mix.wav").buffer
    let bass = try place.read("bass.wav").buffer
    #expect(mix.frames(0..<55_000) == bass)
    #expect(mix.frames(55_000..<60_000).peak == 0)
    #expect(
      place.files(below: "parts") == ["bass.wav", "drums.wav", "premaster.wav", "reverb.wav"])
    #expect(try place.read("parts/drums.wav").buffer.peak == 0)
  }

  @Test func aStemCanBeNamedOtherwiseThanItsFile() throws {
    let place = try Workplace()
    try stems(place)
    try place.bytes("plan.json", Data(#"{"version": 1, "tracks": [{"name": "Kit, left=1"}]}"#.utf8))
    try place.bytes("odd=name.wav", Data(contentsOf: place.url.appending(path: "bass.wav")))
    let plain = ["--normalize", "none", "--float32", "--progress", "none"]
    func mix(_ stem: String, _ more: String...) throws -> Int32 {
      try place.tool.run(
        executable: Tool.executable, ["mix", stem, "-o", "mix.wav"] + plain + more
      ).status
    }
    #expect(try mix("low=bass.wav", "--gain", "low=0") == 0)
    #expect(try place.read("mix.wav").buffer == place.read("bass.wav").buffer)
    #expect(try mix("odd=name.wav", "--gain", "odd=name=0") == 0)
    #expect(try mix("low=missing.wav") == 1)
    #expect(try mix("bass.wav", "--plan", "plan.json") == 1)
  }

  @Test(arguments: ["mix.wav", "mix.flac", "mix.mp3", "mix.ogg", "mix.opus"])
  func theEndingChoosesTheFormat(name: String) throws {
    let place = try Workplace()
    try stems(place)
    let result = try place.tool.run("mix", "drums.wav", "bass.wav", "-o", name)
    #expect(result.status == 0)
    #expect(try place.read(name).buffer.frameCount > 59_000)
  }

  @Test func mistakesAreToldInALine() throws {
    let place = try Workplace()
    try stems(place)
    try place.bytes(
      "bad.json", Data(#"{"version": 1, "tracks": [{"name": "bass", "pan": 2}]}"#.utf8))
    try place.bytes("other.json", Data(#"{"version": 1, "tracks": [{"name": "flute"}]}"#.utf8))
    let cases: [([String], String)] = [
      (["-o", "mix.xyz"], "names no format"),
      (["-o", "mix.wav", "--gain", "flute=1"], "no track “flute”"),
      (["-o", "mix.wav", "--gain", "bass=99"], "--gain bass=99.0: give -96 to 24 dB"),
      (["-o", "mix.wav", "--plan", "bad.json"], "bad.json: tracks[0].pan: 2 is above 1"),
      (["-o", "mix.wav", "--plan", "other.json"], "has no track “bass”"),
      (["-o", "mix.wav", "--plan", "missing.json"], "cannot be read"),
      (["-o", "mix.wav", "--normalize", "loud"], "choose one of: peak, loudness, none"),
      (["-o", "mix.wav", "--samplerate", "4"], "8000 to 192000"),
      (["-o", "mix.mp3", "--float32"], "--float32 is for WAV"),
      (["-o", "bass.wav"], "would overwrite it"),
      (["-o", "mix.wav", "--write-plan", "nowhere/p.json"], "folder does not exist"),
      (["-o", "mix.wav", "--stems-out", "p", "--write-plan", "p/bass.wav"], "processed stem"),
      (["-o", "nowhere/mix.wav"], "folder does not exist"),
    ]
    for (arguments, message) in cases {
      let result = try place.tool.run(
        executable: Tool.executable, ["mix", "bass.wav"] + arguments + ["--progress", "none"])
      #expect(result.status == 1, "\(arguments)")
      #expect(result.errors.contains(message), "\(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }
    #expect(place.files(below: "").filter { $0.hasPrefix("mix") || $0.contains("spool") }.isEmpty)
    #expect(
      try place.tool.run("mix", "bass.wav", "missing.wav", "-o", "mix.wav").status == 1)
  }

  @Test func loudnessAndCeilingTakeNegativeNumbers() throws {
    let place = try Workplace()
    try stems(place)
    let result = try place.tool.run(
      "mix", "drums.wav", "-o", "mix.wav", "--loudness", "-20", "--ceiling", "-3", "--json")
    #expect(result.status == 0, "\(result.errors)")
    let meter = try place.tool.run("meter", "mix.wav")
    #expect(meter.output.contains("-20.0"))
  }

  @Test func aMisspeltKeyOfThePlanIsTold() throws {
    let place = try Workplace()
    try stems(place)
    try place.bytes(
      "plan.json",
      Data(
        #"{"version": 1, "tracks": [{"name": "bass", "equalizer": [{"shape": "notch"}]}]}"#.utf8))
    let result = try place.tool.run("mix", "bass.wav", "-o", "mix.wav", "--plan", "plan.json")
    #expect(result.status == 0)
    #expect(result.errors.contains("tracks[0].equalizer[0].shape"))
  }

  @Test func metersPrintATableJSONAndAPicture() throws {
    struct Report: Decodable {
      struct File: Decodable {
        var integratedLUFS: Double
        var octaves: [[String: Double]]
      }
      var files: [File]
    }
    let place = try Workplace()
    try stems(place)
    let table = try place.tool.run("meter", "drums.wav", "bass.wav", "--json")
    #expect(table.status == 0)
    let report = try JSONDecoder().decode(Report.self, from: Data(table.output.utf8))
    #expect(report.files.count == 2)
    #expect(report.files[0].octaves.count == 10)
    let plain = try place.tool.run("meter", "drums.wav", "--plot", "drums.svg")
    #expect(plain.status == 0)
    #expect(plain.output.contains("integrated loudness (LUFS)"))
    #expect(place.files(below: "").contains("drums.svg"))
    #expect(try place.tool.run("meter", "drums.wav", "--plot", "drums.jpg").status == 1)
    // The first bytes of every PNG file; without ffmpeg there is none, and a sentence says so.
    let png = try place.tool.run("meter", "drums.wav", "--plot", "drums.png")
    if png.status == 0 {
      let bytes = try Data(contentsOf: place.url.appending(path: "drums.png"))
      #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    } else {
      #expect(png.errors.contains("ffmpeg"))
    }
    #expect(try place.tool.run("meter", "missing.wav").status == 1)
  }

  @Test func compareMatchesTheLoudnessFirst() throws {
    struct Report: Decodable {
      var matchingGainDB: Double
    }
    let place = try Workplace()
    try stems(place)
    _ = try place.tool.run(
      "mix", "drums.wav", "-o", "soft.wav", "--normalize", "none", "--gain", "drums=-6", "--float32"
    )
    let result = try place.tool.run(
      "compare", "drums.wav", "soft.wav", "--json", "--plot", "ab.svg")
    #expect(result.status == 0)
    let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
    #expect(abs(report.matchingGainDB - 6) < 0.01)
    #expect(try place.tool.run("compare", "drums.wav", "soft.wav").output.contains("+6.0 dB"))
    #expect(place.files(below: "").contains("ab.svg"))
  }

  @Test func aSignalLeavesNoPartialMix() throws {
    let place = try Workplace()
    try stems(place)
    let child = try place.tool.start(
      "mix", "drums.wav", "-o", "mix.wav", "--samplerate", "192000", "--tail", "60", "--progress",
      "json", "--stems-out", "parts")
    for _ in 0..<1000 where !child.errorsSoFar.contains("progress") {
      Thread.sleep(forTimeInterval: 0.01)
    }
    kill(child.identifier, SIGINT)
    let result = child.finish()
    #expect(result.status == 130)
    #expect(
      place.files(below: "") == [
        "bass.wav", "drums.wav", "models/through.safetensors", "vocals.wav",
      ])
  }
}
