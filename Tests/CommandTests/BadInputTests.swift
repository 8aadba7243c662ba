// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Tonmeister

@Suite struct BadInputTests {
  /// Runs a bad input beside a good one and checks what every bad input has in common.
  private func refuse(
    _ place: Workplace, _ name: String, _ arguments: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    try place.song("good.wav", frameCount: 1000)
    let result = try place.tool.run(
      executable: Tool.executable,
      ["separate"] + Workplace.model + [name, "good.wav", "--progress", "none"] + arguments)
    let lines = result.errors.split(separator: "\n")
    #expect(result.status == 1, sourceLocation: sourceLocation)
    #expect(lines.count == 1, "\(result.errors)", sourceLocation: sourceLocation)
    #expect(lines.first?.contains(name) == true, sourceLocation: sourceLocation)
    #expect(
      place.files() == ["bass", "drums", "other", "vocals"].map { "through/good/\($0).wav" },
      sourceLocation: sourceLocation)
    return result.errors
  }

  @Test func anEmptyNameOfTheOutput() throws {
    let place = try Workplace()
    try place.song("song.wav", frameCount: 300)
    let result = try place.tool.run(
      executable: Tool.executable, ["separate", "song.wav", "--out", ""])
    #expect(result.status == 1)
    #expect(result.errors.contains("--out"))
  }

  @Test func aMissingFile() throws {
    #expect(try refuse(Workplace(), "lost.wav").contains("no such file"))
  }

  @Test func aFolderWithoutAudio() throws {
    let place = try Workplace()
    #expect(try refuse(place, "models").contains("no audio"))
  }

  @Test func anEmptyFile() throws {
    let place = try Workplace()
    try place.bytes("empty.wav", Data())
    _ = try refuse(place, "empty.wav")
  }

  @Test func aTextFileNamedWav() throws {
    let place = try Workplace()
    try place.bytes("text.wav", Data("This is not audio at all.\n".utf8))
    _ = try refuse(place, "text.wav")
  }

  @Test func aHeaderOfNoHertz() throws {
    let place = try Workplace()
    try place.bytes("zero.wav", wave(sampleRate: 0, samples: Data(count: 400)))
    _ = try refuse(place, "zero.wav")
  }

  @Test func aHeaderOfThreeHundredChannels() throws {
    let place = try Workplace()
    try place.bytes("many.wav", wave(channelCount: 300, samples: Data(count: 6000)))
    _ = try refuse(place, "many.wav")
  }

  @Test func aNameWithALineBreakStaysOnOneLine() throws {
    let place = try Workplace()
    let result = try place.separate("lost\nfile.wav")
    #expect(result.status == 1)
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test(arguments: [UInt32.max, 4_000_000, 100_000])
  func aTruncatedFileIsSeparatedAsFarAsItGoes(declaredBytes: UInt32) throws {
    let place = try Workplace()
    try place.bytes("cut.wav", wave(declaredBytes: declaredBytes, samples: Data(count: 1024)))
    let result = try place.separate("cut.wav", "--progress", "none")
    #expect(result.status == 0)
    #expect(result.errors.contains("cut.wav"))
    #expect(result.errors.split(separator: "\n").count == 1)
    #expect(try place.read("separated/through/cut/bass.wav").buffer.frameCount == 256)
  }

  @Test func samplesThatAreNoNumbers() throws {
    let place = try Workplace()
    var samples = [Float](repeating: 0.25, count: 4000)
    samples[10] = .nan
    samples[500] = -.infinity
    let bytes = samples.withUnsafeBytes { Data($0) }
    try place.bytes("nan.wav", wave(bitsPerSample: 32, isFloat: true, samples: bytes))
    let result = try place.separate("nan.wav", "--float32", "--progress", "none")
    #expect(result.status == 0)
    #expect(result.errors.contains("nan.wav"))
    let stem = try place.read("separated/through/nan/bass.wav").buffer
    #expect(stem.samples.allSatisfy { $0.isFinite })
  }

  @Test(arguments: [1, 5000])
  func silenceAndOneSampleAreSeparated(frameCount: Int) throws {
    let place = try Workplace()
    try place.bytes("quiet.wav", wave(samples: Data(count: 4 * frameCount)))
    #expect(try place.separate("quiet.wav").status == 0)
    let stem = try place.read("separated/through/quiet/vocals.wav").buffer
    #expect(stem.frameCount == frameCount)
    #expect(stem.peak == 0)
  }

  @Test func anOutputFolderThatCannotBe() throws {
    let place = try Workplace()
    try place.song("song.wav")
    let result = try place.separate("song.wav", "-o", "song.wav", "--progress", "none")
    #expect(result.status == 1)
    #expect(result.errors.contains("song.wav"))
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test(arguments: [Workplace.model, Workplace.demucs])
  func aDiskThatIsFull(model: [String]) throws {
    let place = try Workplace()
    try place.song("song.wav", frameCount: 30_000)
    // A limit on the size of files fails like a full disk, only without needing one.
    let command = "ulimit -f 50; exec \"$0\" \"$@\""
    let result = try place.tool.run(
      executable: URL(filePath: "/bin/sh"),
      ["-c", command, Tool.executable.path, "separate"] + model
        + ["song.wav", "--progress", "none"])
    #expect(result.status == 1)
    #expect(result.errors.split(separator: "\n").count == 1)
    #expect(place.files().isEmpty)
  }

  @Test(arguments: [
    ["-n", "nonsense"], ["--stems", "flute"], ["--two-stems", "flute"], ["--repo", "nowhere"],
    ["--overlap", "1.5"], ["--segment", "99"], ["--samplerate", "7"], ["--precision", "bf16"],
  ])
  func anOptionThatTheModelCannotFulfil(arguments: [String]) throws {
    let place = try Workplace()
    try place.song("song.wav")
    let result = try place.tool.run(
      executable: Tool.executable, ["separate"] + Workplace.model + ["song.wav"] + arguments)
    #expect(result.status == 1)
    #expect(result.errors.split(separator: "\n").count == 1)
    #expect(place.files().isEmpty)
  }

  /// A line each that names the option, the value and what there is instead; no usage.
  @Test(arguments: [
    ("--clip-mode", "tanh", "rescale, clamp, none"),
    ("--other-method", "divide", "add, minus, none"),
    ("--precision", "f64", "auto, f32, bf16"), ("--progress", "loud", "json, bar, none"),
    ("--filename", "{track}.{ext}", "{stem}"), ("--filename", "{stem}{nonsense}", "{trackext}"),
    ("--filename", "../{stem}", "“..”"), ("--mp3-bitrate", "9999", "224, 256, 320"),
    ("--mp3-bitrate", "33", "32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320"),
    ("--mp3-bitrate", "-1", "32, 40"), ("--mp3-bitrate", "0", "32, 40"),
  ])
  func aValueThatThereIsNot(option: String, value: String, known: String) throws {
    let place = try Workplace()
    try place.song("song.wav")
    let result = try place.separate("song.wav", "--mp3", "\(option)=\(value)")
    #expect(result.status == 1)
    #expect(result.errors.split(separator: "\n").count == 1)
    #expect(result.errors.hasPrefix("tonmeister: error: \(option)"))
    #expect(result.errors.contains(value))
    #expect(result.errors.contains(known))
    #expect(place.files().isEmpty)
  }

  @Test(arguments: [
    [], ["song.wav", "--flac", "--mp3"], ["song.wav", "--int24", "--float32"],
    ["song.wav", "--stems", "bass", "--two-stems", "bass"], ["song.wav", "--aac"],
    ["song.wav", "--shifts", "many"],
  ])
  func aWrongUseOfTheOptions(arguments: [String]) throws {
    let place = try Workplace()
    let result = try place.tool.run(executable: Tool.executable, ["separate"] + arguments)
    #expect(result.status == 64)
    #expect(result.errors.hasPrefix("Error: "))
  }
}
