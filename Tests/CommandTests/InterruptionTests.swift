// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Tonmeister

@Suite struct InterruptionTests {
  /// Sends signals to a separation in its midst and gives its end.
  private func interrupt(
    _ place: Workplace, model: [String], by signal: Int32, times: Int = 1
  ) throws -> Tool.Result {
    try place.song("song.wav", frameCount: 300_000)
    // A hundred shifts take minutes, far longer than this test.
    let child = try Tool.Child(
      executable: Tool.executable,
      arguments: ["separate"] + model + ["song.wav", "--shifts", "100", "--progress", "json"],
      folder: place.url)
    for _ in 0..<3000 {
      if child.errorsSoFar.split(separator: "\n").count > 1 { break }
      Thread.sleep(forTimeInterval: 0.01)
    }
    for _ in 0..<times {
      kill(child.identifier, signal)
      Thread.sleep(forTimeInterval: 0.01)
    }
    return child.finish()
  }

  /// Also where a second one follows, as when a key is pressed twice.
  @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))], [1, 2])
  func aSignalLeavesNoPartialFile(signal: (number: Int32, status: Int32), times: Int) throws {
    for model in [Workplace.model, Workplace.demucs] {
      let place = try Workplace()
      let result = try interrupt(place, model: model, by: signal.number, times: times)
      #expect(result.status == signal.status)
      #expect(place.files().isEmpty)
      #expect(!FileManager.default.fileExists(atPath: place.url.appending(path: "separated").path))
    }
  }

  /// Nothing can be undone any more; what was not complete has had no name.
  @Test(arguments: [Workplace.model, Workplace.demucs])
  func aKilledSeparationLeavesNoPartialFile(model: [String]) throws {
    let place = try Workplace()
    #expect(try interrupt(place, model: model, by: SIGKILL).status == -SIGKILL)
    #expect(place.files().isEmpty)
    #expect(FileManager.default.fileExists(atPath: place.url.appending(path: "separated").path))
  }

  /// The real model, in the middle of ten minutes of audio; another song waits.
  @Test func aSignalStopsTheEmbeddedModel() throws {
    struct Report: Decodable {
      struct Track: Decodable {
        var input: String
        var status: String
        var error: String?
      }
      var tracks: [Track]
    }
    let place = try Workplace()
    try place.song("song.wav", frameCount: 600 * 8000, sampleRate: 8000, channelCount: 1)
    try place.song("next.wav")
    let child = try place.tool.start(
      "separate", "song.wav", "next.wav", "lost.wav", "--shifts", "5", "--json",
      "--progress", "json")
    for _ in 0..<6000 {
      if child.errorsSoFar.split(separator: "\n").count > 2 { break }
      Thread.sleep(forTimeInterval: 0.01)
    }
    let began = ContinuousClock.now
    kill(child.identifier, SIGINT)
    let result = child.finish()
    #expect(ContinuousClock.now - began < .seconds(10))
    #expect(result.status == 130)
    #expect(place.files().isEmpty)
    #expect(!FileManager.default.fileExists(atPath: place.url.appending(path: "separated").path))
    let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
    #expect(report.tracks.map(\.input) == ["song.wav", "next.wav", "lost.wav"])
    #expect(report.tracks.map(\.status) == ["interrupted", "interrupted", "failed"])
    #expect(report.tracks[1].error == "The separation was not begun.")
  }

  /// A decoder that never answers is given up, and does not outlive the command.
  @Test func aSignalEndsTheWaitForADecoder() throws {
    let place = try Workplace()
    let decoders = place.url.appending(path: "decoders").path
    // Written by another process: see the note on busy scripts in the tests of reading. A decoder may write no file, so
    // that it tells its number by the name of a folder.
    let script = """
      mkdir "$0" && cd "$0" && printf '#!/bin/sh\\nmkdir "$0.$$"\\nexec sleep 1000\\n' > ffprobe \
        && chmod +x ffprobe && cp ffprobe ffmpeg
      """
    let written = try place.tool.run(
      executable: URL(filePath: "/bin/sh"), ["-c", script, decoders])
    #expect(written.status == 0)
    try place.bytes("song.m4a", Data([0, 0, 0, 32]) + Data("ftypM4A ".utf8) + Data(count: 500))
    let child = try Tool.Child(
      executable: URL(filePath: "/usr/bin/env"),
      arguments: ["PATH=\(decoders):/usr/bin:/bin", Tool.executable.path, "separate"]
        + Workplace.model + ["song.m4a"],
      folder: place.url)
    var decoder: pid_t?
    for _ in 0..<3000 where decoder == nil {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: decoders)) ?? []
      decoder = names.compactMap { pid_t($0.replacing("ffprobe.", with: "")) }.first
      Thread.sleep(forTimeInterval: 0.01)
    }
    kill(child.identifier, SIGINT)
    #expect(child.finish().status == 130)
    #expect(kill(try #require(decoder), 0) == -1)
    #expect(place.files().isEmpty)
  }
}
