// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Tonmeister

/// `tonmeister mix --vocal --backing` and `tonmeister learn`.
@Suite struct VocalMixTests {
  /// Phrases of a voice, and a beat with a chord.
  private func songs(_ place: Workplace) throws {
    let rate = 22_050
    func samples(_ value: (Double) -> Double) -> [Float] {
      (0..<8 * rate).map { Float(value(Double($0) / Double(rate))) }
    }
    try place.write(
      "take.wav",
      samples { (time: Double) -> Double in
        var sum = 0.0
        for k in 1...8 { sum += sin(2 * Double.pi * 220 * Double(k) * time) / Double(k) }
        return 0.2 * max(0, sin(Double.pi * time)) * sum
      }, sampleRate: rate)
    try place.write(
      "backing.wav",
      samples { (time: Double) -> Double in
        let since = time.truncatingRemainder(dividingBy: 0.5)
        let beat = 0.3 * exp(-20 * since) * sin(400 * time)
        let chord = sin(2 * Double.pi * 330 * time) + sin(2 * Double.pi * 440 * time)
        return beat + 0.1 * chord
      }, sampleRate: rate)
  }

  @Test func aVocalOverItsBackingBecomesAMixAndAPlan() throws {
    let place = try Workplace()
    try songs(place)
    let result = try place.tool.run(
      "mix", "--vocal", "take.wav", "--backing", "backing.wav", "-o", "mix.wav", "--explain",
      "--vocal-out", "vocal.wav", "--write-plan", "plan.json", "--latency", "0")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("target -3.0 LU"))
    // The plan and the prepared vocal make the same mix again.
    let again = try place.tool.run(
      "mix", "vocal=vocal.wav", "backing=backing.wav", "--plan", "plan.json", "-o", "again.wav")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try place.data("mix.wav") == place.data("again.wav"))
  }

  @Test(arguments: ["backing.wav", "take.wav", "mix.wav", "missing/vocal.wav"])
  func noFileIsWrittenOverAnother(vocalOut: String) throws {
    let place = try Workplace()
    try songs(place)
    let before = try (place.data("take.wav"), place.data("backing.wav"))
    let result = try place.tool.run(
      "mix", "--vocal", "take.wav", "--backing", "backing.wav", "-o", "mix.wav", "--vocal-out",
      vocalOut, "--key-change", "1")
    #expect(result.status == 1)
    #expect(result.errors.contains("--vocal-out"), "\(result.errors)")
    #expect(try (place.data("take.wav"), place.data("backing.wav")) == before)
  }

  @Test func aVocalNeedsItsBacking() throws {
    let place = try Workplace()
    try songs(place)
    #expect(try place.tool.run("mix", "--vocal", "take.wav", "-o", "mix.wav").status == 64)
    #expect(try place.tool.run("mix", "take.wav", "--tune", "1", "-o", "mix.wav").status == 64)
    let odd = try place.tool.run(
      "mix", "--vocal", "take.wav", "--backing", "backing.wav", "-o", "mix.wav", "--auto", "rules")
    #expect(odd.status == 1 && odd.errors.contains("no such advisor"))
  }

  @Test func multitracksBecomeAModel() throws {
    let place = try Workplace()
    try songs(place)
    for song in ["a", "b"] {
      try place.folder(song)
      for (file, stem) in [("take.wav", "vocals"), ("backing.wav", "other")] {
        try place.copy(file, to: "\(song)/\(stem).wav")
      }
    }
    let same = try place.tool.run("learn", "--multitracks", "a", "b", "-o", "model")
    #expect(same.status == 1 && same.errors.contains("same audio"))
    try place.copy("take.wav", to: "b/other.wav")
    let result = try place.tool.run(
      "learn", "--multitracks", "a", "b", "-o", "model", "--epochs", "1")
    #expect(result.status == 0, "\(result.errors)")
    for name in ["model.safetensors", "README.md", "losses.svg"] {
      #expect(try !place.data("model/\(name)").isEmpty)
    }
    let mix = try place.tool.run(
      "mix", "a/vocals.wav", "a/other.wav", "-o", "mix.wav", "--auto", "cnn", "--learned", "model")
    #expect(mix.status == 0, "\(mix.errors)")
  }

  @Test func aFolderOfSomethingElseIsNotOverwritten() throws {
    let place = try Workplace()
    try songs(place)
    try place.folder("mine")
    try place.copy("take.wav", to: "mine/README.md")
    let result = try place.tool.run("learn", "take.wav", "backing.wav", "-o", "mine")
    #expect(result.status == 1 && result.errors.contains("README.md"))
  }
}

extension Workplace {
  /// Writes a song of one channel.
  fileprivate func write(_ name: String, _ samples: [Float], sampleRate: Int) throws {
    let writer = try AudioWriter(
      path: url.appending(path: name).path, format: .wavFloat32, sampleRate: sampleRate,
      channelCount: 1)
    try writer.write(
      AudioBuffer(channelCount: 1, frameCount: samples.count, samples: samples))
    try writer.finish()
  }

  fileprivate func data(_ name: String) throws -> Data {
    try Data(contentsOf: url.appending(path: name))
  }

  fileprivate func folder(_ name: String) throws {
    try FileManager.default.createDirectory(
      at: url.appending(path: name), withIntermediateDirectories: true)
  }

  fileprivate func copy(_ name: String, to other: String) throws {
    try bytes(other, data(name))
  }
}
