// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Tonmeister

@Suite struct SeparateTests {
  private static let fourStems = ["bass", "drums", "other", "vocals"]

  @Test func theLayoutIsThatOfDemucs() throws {
    let place = try Workplace()
    let song = try place.song("song.wav")
    let result = try place.separate("song.wav", "-j", "2")
    #expect(result.status == 0)
    #expect(place.files() == Self.fourStems.map { "through/song/\($0).wav" })
    #expect(result.output.contains("song.wav → separated/through/song"))
    let drums = try place.read("separated/through/song/drums.wav")
    #expect(drums.sampleRate == 44_100)
    let expected = song.samples.map { $0 / 4 }
    #expect(drums.buffer.samples.elementsEqual(expected) { abs($0 - $1) < 1e-4 })
  }

  @Test(arguments: [(48_000, 1), (8000, 2), (22_050, 1), (96_000, 2)])
  func stemsKeepTheRateAndLength(sampleRate: Int, channelCount: Int) throws {
    let place = try Workplace()
    try place.song(
      "song.wav", frameCount: 12_345, sampleRate: sampleRate, channelCount: channelCount)
    #expect(try place.separate("song.wav").status == 0)
    for stem in Self.fourStems {
      let file = try place.read("separated/through/song/\(stem).wav")
      #expect(file.sampleRate == sampleRate)
      #expect(file.buffer.frameCount == 12_345)
    }
  }

  @Test func anotherRateCanBeAskedFor() throws {
    let place = try Workplace()
    try place.song("song.wav", frameCount: 44_100)
    #expect(try place.separate("song.wav", "--samplerate", "16000").status == 0)
    let file = try place.read("separated/through/song/bass.wav")
    #expect(file.sampleRate == 16_000)
    #expect(file.buffer.frameCount == 16_000)
  }

  @Test(arguments: [
    ("--flac", "flac"), ("--mp3", "mp3"), ("--ogg", "ogg"), ("--opus", "opus"), ("--int24", "wav"),
    ("--float32", "wav"),
  ])
  func everyFormatIsWritten(flag: String, fileExtension: String) throws {
    let place = try Workplace()
    try place.song("song.wav", frameCount: 30_000)
    let result = try place.separate("song.wav", flag, "-o", "out", "--stems", "bass, drums")
    #expect(result.status == 0)
    #expect(
      place.files(below: "out") == ["bass", "drums"].map { "through/song/\($0).\(fileExtension)" })
    #expect(try place.read("out/through/song/bass.\(fileExtension)").buffer.frameCount > 29_000)
  }

  @Test func stemAndMinusAddUpToTheSong() throws {
    let place = try Workplace()
    let song = try place.song("song.wav", frameCount: 20_000, sampleRate: 48_000)
    let result = try place.separate(
      "song.wav", "--two-stems", "vocals", "--other-method", "minus", "--float32")
    #expect(result.status == 0)
    let stem = try place.read("separated/through/song/vocals.wav").buffer
    let rest = try place.read("separated/through/song/minus_vocals.wav").buffer
    let sum = zip(stem.samples, rest.samples).map { $0 + $1 }
    #expect(sum.elementsEqual(song.samples) { abs($0 - $1) < 1e-5 })
    #expect(place.files().count == 2)
  }

  @Test func theOtherStemsAreSummedUp() throws {
    let place = try Workplace()
    let song = try place.song("song.wav")
    #expect(try place.separate("song.wav", "--two-stems", "vocals", "--float32").status == 0)
    let rest = try place.read("separated/through/song/no_vocals.wav").buffer
    #expect(rest.samples.elementsEqual(song.samples.map { $0 * 0.75 }) { abs($0 - $1) < 1e-5 })
    #expect(
      try place.separate(
        "song.wav", "--two-stems", "bass", "--other-method", "none", "-o", "none"
      ).status == 0)
    #expect(place.files(below: "none") == ["through/song/bass.wav"])
  }

  @Test func theNumberOfJobsDoesNotChangeTheFiles() throws {
    let place = try Workplace()
    try place.song("song.wav", frameCount: 60_000)
    for jobs in ["1", "2"] {
      let result = try place.separate(
        "song.wav", "-j", jobs, "-o", jobs, "--shifts", "2", "--seed", "4", "--float32")
      #expect(result.status == 0)
    }
    for stem in Self.fourStems {
      let files = try ["1", "2"].map {
        try Data(contentsOf: place.url.appending(path: "\($0)/through/song/\(stem).wav"))
      }
      #expect(files[0] == files[1])
    }
  }

  @Test func existingStemsCanBeSkipped() throws {
    let place = try Workplace()
    try place.song("a.wav")
    #expect(try place.separate("a.wav").status == 0)
    let stem = place.url.appending(path: "separated/through/a/bass.wav")
    let first = try FileManager.default.attributesOfItem(atPath: stem.path)[.systemFileNumber]
    let result = try place.separate("a.wav", "--skip-existing")
    #expect(result.status == 0)
    #expect(result.output.contains("skipped"))
    let second = try FileManager.default.attributesOfItem(atPath: stem.path)[.systemFileNumber]
    #expect(first as? Int == second as? Int)
    try FileManager.default.removeItem(at: stem)
    #expect(try place.separate("a.wav", "--skip-existing").output.contains("×"))
    #expect(place.files().count == 4)
  }

  @Test func foldersAreSearchedInOrder() throws {
    let place = try Workplace()
    try place.song("album/b/two.wav")
    try place.song("album/a/one.flac", format: .flac(bitsPerSample: 16))
    try place.bytes("album/cover.jpg", Data("no audio".utf8))
    try place.bytes("album/.hidden.wav", Data("no audio".utf8))
    let result = try place.separate("album", "--stems", "bass", "-o", "album/out")
    #expect(result.status == 0)
    #expect(
      place.files(below: "album/out") == ["through/one/bass.wav", "through/two/bass.wav"])
    // Stems below the output folder are not songs.
    let again = try place.separate("album", "--stems", "bass", "-o", "album/out")
    #expect(again.output.split(separator: "\n").count == 2)
  }

  @Test func songsOfTheSameNameDoNotOverwriteEachOther() throws {
    let place = try Workplace()
    try place.song("a/song.wav", frameCount: 1000)
    try place.song("b/song.wav", frameCount: 2000)
    let result = try place.separate("a/song.wav", "b/song.wav", "--stems", "bass")
    #expect(result.status == 0)
    #expect(result.errors.contains("song (2)"))
    #expect(try place.read("separated/through/song/bass.wav").buffer.frameCount == 1000)
    #expect(try place.read("separated/through/song (2)/bass.wav").buffer.frameCount == 2000)

    let clash = try place.separate(
      "a/song.wav", "b/song.wav", "-o", "out", "--filename", "{stem}.{ext}")
    #expect(clash.status == 1)
    #expect(clash.errors.contains("{track}"))
    #expect(try place.read("out/through/bass.wav").buffer.frameCount == 1000)
  }

  @Test func theNameOfAFileCannotLeadOutOfTheFolder() throws {
    let place = try Workplace()
    try place.song("...wav")
    let result = try place.separate("...wav", "-o", "a/b", "--stems", "bass")
    #expect(result.status == 0)
    #expect(place.files(below: "a") == ["b/through/_/bass.wav"])
    let pattern = try place.separate("...wav", "--filename", "../{stem}.{ext}")
    #expect(pattern.status == 1)
  }

  @Test func aPatternNamesTheFiles() throws {
    let place = try Workplace()
    try place.song("song.wav")
    let result = try place.separate(
      "song.wav", "--filename", "{stem}/{track}-{trackext}.{ext}", "--flac", "--stems", "bass")
    #expect(result.status == 0)
    #expect(place.files() == ["through/bass/song-wav.flac"])
  }

  @Test func theSummaryCanBeReadByPrograms() throws {
    struct Summary: Decodable {
      struct Track: Decodable {
        var input: String
        var status: String
        var error: String?
        var stems: [String: String]
        var frames: Int?
        var timesRealTime: Double?
      }
      var model: String
      var tracks: [Track]
      var peakMemoryBytes: Int
    }
    let place = try Workplace()
    try place.song("song.wav")
    let result = try place.separate("song.wav", "lost.wav", "--json", "--progress", "json")
    #expect(result.status == 1)
    let summary = try JSONDecoder().decode(Summary.self, from: Data(result.output.utf8))
    #expect(summary.model == "through")
    #expect(summary.tracks.map(\.status) == ["separated", "failed"])
    #expect(summary.tracks[0].stems.keys.sorted() == Self.fourStems)
    #expect(summary.tracks[0].frames == 9000)
    #expect(summary.tracks[1].error?.contains("lost.wav") == true)
    #expect(summary.peakMemoryBytes > 1_000_000)
    let progress = result.errors.split(separator: "\n").filter { $0.hasPrefix("{") }
    #expect(!progress.isEmpty)
    for line in progress {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      #expect(object?["event"] as? String == "progress")
    }
  }

  @Test func verboseSaysWhatIsDoneInLines() throws {
    let place = try Workplace()
    try place.song("song.wav")
    let result = try place.separate(
      "song.wav", "--verbose", "--progress", "none", "--mp3", "--mp3-bitrate", "192",
      "--two-stems", "bass", "--shifts", "1", "--seed", "5", "-j", "2")
    #expect(result.status == 0)
    let lines = result.errors.split(separator: "\n").map(String.init)
    #expect(lines.allSatisfy { $0.contains(": ") && !$0.contains("(") })
    for line in [
      "model: through", "licence: CC0-1.0", "stems: drums, bass, other, vocals",
      "written: bass, no_bass", "format: MP3, 192 kbit/s", "clip mode: rescale",
      "sample rate: that of the song", "overlap: 0.25", "shifts: 1, seed 5", "jobs: 2",
    ] {
      #expect(lines.contains(line), "\(result.errors)")
    }
  }

  /// Equal as texts, but not on disk; and two links to one song are two songs, as their names are.
  @Test func everyNameIsASongOfItsOwn() throws {
    let place = try Workplace()
    try place.song("d\u{E9}.wav", frameCount: 300)
    try place.song("de\u{301}.wav", frameCount: 400)
    let link = place.url.appending(path: "link.wav")
    try FileManager.default.createSymbolicLink(
      at: link, withDestinationURL: place.url.appending(path: "d\u{E9}.wav"))
    let result = try place.separate(
      "d\u{E9}.wav", "de\u{301}.wav", "link.wav", "./link.wav", "--progress", "none")
    #expect(result.status == 0)
    #expect(place.files().count == 12)
  }

  @Test func theEmbeddedModelSeparatesHoweverTheCommandIsCalled() throws {
    let place = try Workplace()
    try place.song("song.wav", frameCount: 2000)
    let link = place.url.appending(path: "linked")
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: Tool.executable)
    let result = try place.tool.run(executable: link, ["separate", "song.wav"])
    #expect(result.status == 0)
    #expect(place.files() == Self.fourStems.map { "lite/song/\($0).wav" })
  }
}
