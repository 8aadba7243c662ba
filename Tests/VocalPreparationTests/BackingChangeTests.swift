// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore
import Testing

@testable import VocalPreparation

@Suite struct BackingChangeTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  /// A program for tests, by a script.
  func stub(_ script: String) throws -> String {
    let path = place.path("stub")
    try "#!/bin/sh\n\(script)\n".write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return path
  }

  func input() throws -> String {
    try place.write(
      "in.wav", rate: 44_100, Signals.tone(rate: 44_100, seconds: 2, partials: 3) { _ in 440 })
  }

  func failure(_ change: BackingChange, _ path: String) -> VocalPreparationError? {
    do throws(VocalPreparationError) {
      try change.apply(path, to: place.path("out.wav"))
      return nil
    } catch { return error }
  }

  @Test func aMissingProgramIsNamed() throws {
    var change = BackingChange(semitones: 2)
    change.environment = ["PATH": "/nowhere"]
    let error = try #require(failure(change, try input()))
    #expect(error.code == .programMissing)
    #expect(error.message.contains("apt install rubberband-cli"))
    change.environment = ["TONMEISTER_RUBBERBAND": place.path("nothing"), "PATH": "/usr/bin"]
    #expect(failure(change, place.path("in.wav"))?.code == .programMissing)
    #expect(place.names == ["in.wav"])
  }

  @Test func theProgramIsGivenNumbersAndFiles() throws {
    let log = place.path("log")
    let program = try stub(
      """
      echo "$@" | sed 's|[^ ]*/||g' >'\(log)'
      while [ $# -gt 2 ]; do shift; done
      cp "$1" "$2"
      """)
    var change = BackingChange(semitones: -2.5, tempo: 0.8)
    change.environment = ["TONMEISTER_RUBBERBAND": program]
    try change.apply(try input(), to: place.path("out.wav"))
    #expect(
      try String(contentsOfFile: log, encoding: .utf8)
        == "--quiet --fine --tempo 0.8 --pitch -2.5 in.wav out.wav\n")
    #expect(try place.read("out.wav").left == place.read("in.wav").left)
    // By name, in PATH.
    change.environment = ["PATH": "relative:/nowhere:\(place.folder.path)"]
    try FileManager.default.moveItem(atPath: program, toPath: place.path("rubberband"))
    try change.apply(place.path("in.wav"), to: place.path("out.wav"))
  }

  @Test func aProgramThatFailsLeavesNothing() throws {
    var change = BackingChange(tempo: 1.5)
    change.environment = ["TONMEISTER_RUBBERBAND": try stub("echo 'no memory' >&2; exit 3")]
    let error = try #require(failure(change, try input()))
    #expect(error.code == .programFailed)
    #expect(error.message.contains("status 3: no memory"))
    _ = try stub("exit 0")
    #expect(failure(change, place.path("in.wav"))?.code == .programFailed)
    _ = try stub("while [ $# -gt 1 ]; do shift; done; echo nothing >\"$1\"")
    #expect(failure(change, place.path("in.wav"))?.code == .programFailed)
    #expect(place.names == ["in.wav", "stub"])
  }

  @Test func aProgramThatHangsIsEnded() async throws {
    let program = try stub("exec sleep 1000")
    let path = try input()
    var change = BackingChange(tempo: 1.5)
    change.environment = ["TONMEISTER_RUBBERBAND": program]
    // 60 s less 43.5 for each of 1.33 s: 2 s.
    change.patience = -43.5
    #expect(failure(change, path)?.code == .limit)
    change.patience = 20
    let (patient, output) = (change, place.path("out.wav"))
    let task = Task { try await patient.applying(path, to: output) }
    try await Task.sleep(for: .milliseconds(200))
    task.cancel()
    await #expect { try await task.value } throws: {
      ($0 as? VocalPreparationError)?.code == .cancelled
    }
    #expect(place.names == ["in.wav", "stub"])
  }

  @Test func valuesOutOfRangeAreRefused() throws {
    let path = try input()
    for change in [
      BackingChange(semitones: 13), BackingChange(semitones: .nan), BackingChange(tempo: 0.4),
      BackingChange(tempo: 2.1), BackingChange(tempo: .nan),
    ] {
      #expect(failure(change, path)?.code == .invalidOption)
    }
    #expect(throws: VocalPreparationError.self) {
      try BackingChange(semitones: 1).apply(path, to: path)
    }
  }

  @Test(.enabled(if: BackingChange.program(ProcessInfo.processInfo.environment) != nil))
  func rubberBandChangesKeyAndTempo() throws {
    let change = BackingChange(semitones: 3, tempo: 0.8)
    try change.apply(try input(), to: place.path("out.wav"))
    var output = try place.read("out.wav")
    #expect(output.rate == 44_100)
    #expect(abs(Double(output.left.count) / 44_100 - 2.5) < 0.01)
    let track = output.left.asTake { PitchTrack($0, sampleRate: 44_100) }
    let pitches = track.frequencies[100..<400].sorted()
    #expect(abs(Double(pitches[150]) / 523.25 - 1) < 0.01)
  }
}
