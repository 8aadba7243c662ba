// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Tonmeister

@Suite struct FitReverbTests {
  private struct Report: Decodable {
    struct Times: Decodable {
      var mid: Double?
    }

    var measuredRT60: Times
    var fittedRT60: Times
    var distanceDB: Double
    var standardDistanceDB: Double
  }

  /// A response of 0.6 s in a file.
  private func response(_ place: Workplace) throws {
    var random = SplitMix64(seed: 1)
    let (rate, count) = (44_100, 35_000)
    var samples: [Float] = []
    for _ in 0..<2 {
      for frame in 0..<count {
        let decay = pow(10, -3 * Double(frame) / Double(rate) / 0.6)
        samples.append(Float(0.5 * decay * Double.random(in: -1...1, using: &random)))
      }
    }
    let writer = try AudioWriter(
      path: place.url.appending(path: "room.wav").path, format: .wavFloat32, sampleRate: rate,
      channelCount: 2)
    try writer.write(AudioBuffer(channelCount: 2, frameCount: count, samples: samples))
    try writer.finish()
  }

  private let quick = ["--generations", "4", "--population", "10"]

  @Test func aRoomIsWrittenThatAMixCanUse() throws {
    let place = try Workplace()
    try response(place)
    let result = try place.tool.run(
      executable: Tool.executable, ["fit-reverb", "room.wav", "-o", "room.json", "--json"] + quick)
    #expect(result.status == 0)
    let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
    #expect(abs((report.measuredRT60.mid ?? 0) - 0.6) < 0.06)
    #expect(report.fittedRT60.mid != nil)
    #expect(report.distanceDB < report.standardDistanceDB)
    let text = try String(contentsOf: place.url.appending(path: "room.json"), encoding: .utf8)
    let plan = try MixPlan(text: text)
    #expect(plan.tracks.isEmpty && plan.reverb != nil)

    // As a plan of its own, and within one that sends into it.
    try place.song("a.wav")
    #expect(try place.tool.run("mix", "a.wav", "--plan", "room.json", "-o", "dry.wav").status == 0)
    var sending = MixPlan(trackNames: ["a"])
    sending.tracks[0].reverbSendDB = -6
    try Data(sending.text.utf8).write(to: place.url.appending(path: "plan.json"))
    let replaced = try place.tool.run(
      executable: Tool.executable,
      ["fit-reverb", "room.wav", "--plan", "plan.json", "-o", "wet.json"] + quick)
    #expect(replaced.status == 0)
    #expect(replaced.output.contains("RT60"))
    let wet = try MixPlan(
      text: String(contentsOf: place.url.appending(path: "wet.json"), encoding: .utf8))
    #expect(wet.reverb == plan.reverb && wet.tracks[0].reverbSendDB == -6)
    #expect(try place.tool.run("mix", "a.wav", "--plan", "wet.json", "-o", "wet.wav").status == 0)
  }

  @Test func badInputIsToldInOneLine() throws {
    let place = try Workplace()
    try response(place)
    try Data("no audio".utf8).write(to: place.url.appending(path: "bad.wav"))
    for arguments in [
      ["missing.wav"], ["bad.wav"], ["room.wav", "-o", "room.wav"],
      ["room.wav", "-o", "missing/folder.json"], ["room.wav", "-o", "x.json", "--plan", "bad.wav"],
      ["room.wav", "--progress", "loud"],
    ] {
      let result = try place.tool.run(
        executable: Tool.executable, ["fit-reverb"] + arguments + quick)
      #expect(result.status == 1, "\(arguments)")
      #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }
    #expect(try place.tool.run("fit-reverb", "room.wav", "--population", "1").status == 64)
    #expect(try place.tool.run("fit-reverb", "room.wav", "--plan", "p.json").status == 64)
    #expect(!place.files(below: ".").contains("x.json"))
  }
}
