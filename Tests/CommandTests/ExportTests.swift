// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Tonmeister

@Suite struct ExportTests {
  private struct Report: Decodable {
    var format: String
    var export: String
    var files: [String]
    var tracks: [String]
    var frames: Int
    var notes: [String]
  }

  /// Stems and a plan in a folder `song`.
  private func song(_ place: Workplace, _ names: [String] = ["drums", "bass", "other", "vocals"])
    throws
  {
    var plan = MixPlan(trackNames: names)
    plan.tracks[0].gainDB = -3
    plan.tracks[names.count - 1].deEsser = DeEsser()
    plan.tracks[names.count - 1].reverbSendDB = -12
    try FileManager.default.createDirectory(
      at: place.url.appending(path: "song"), withIntermediateDirectories: true)
    try place.bytes("song/plan.json", Data(plan.text.utf8))
    for name in names {
      try place.song("song/\(SessionExporter.fileName(of: name)).wav", frameCount: 30_000)
    }
  }

  private static let formats: [(arguments: [String], opened: String)] = [
    (["-o", "out.dawproject"], "out.dawproject"),
    (["--format", "reaper", "-o", "out"], "out/out.rpp"),
    (["-o", "out.stem.mp4"], "out.stem.mp4"), (["--format", "bwf", "-o", "out/"], "out"),
  ]

  @Test(arguments: [0, 1, 2, 3])
  func theStemsBesideThePlanAreExported(index: Int) throws {
    let place = try Workplace()
    try song(place)
    let (arguments, opened) = Self.formats[index]
    let result = try place.tool.run(
      executable: Tool.executable, ["export", "song/plan.json", "--json"] + arguments)
    #expect(result.status == 0, "\(result.errors)")
    let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
    #expect(report.export == place.url.appending(path: opened).path)
    #expect(report.frames == 30_000)
    #expect(report.tracks.count == 5 + (index == 3 ? 1 : 0))
    for file in report.files {
      let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
      #expect((size ?? 0) > 1000)
    }
    // Nothing else was written.
    #expect(
      Set(place.files(below: "").filter { $0.hasPrefix("out") })
        == Set(report.files.map { String($0.dropFirst(place.url.path.count + 1)) }))
    // Without --json the notes follow the result.
    let again = try place.tool.run(
      executable: Tool.executable,
      [
        "export", "song/plan.json", "song/vocals.wav", "song/bass.wav", "song/drums.wav",
        "song/other.wav",
      ] + arguments)
    #expect(again.status == 0)
    let lines = again.output.split(separator: "\n")
    #expect(lines.count == 1 + report.notes.count)
    for (line, note) in zip(lines.dropFirst(), report.notes) { #expect(line == "note: \(note)") }
    if index == 0 { #expect(again.output.contains("de-esser")) }
  }

  /// Names as hostile as a plan can have them, as Python reads them.
  @Test func hostileNamesAndManyTracks() throws {
    let place = try Workplace()
    let names =
      ["AC/DC", "<b>&amp;\"'", "🎸 é", "a\u{1}b\nc", "..", "CON", "drums", "Drums"]
      + (0..<32).map { "track \($0)" }
    var plan = MixPlan(trackNames: names)
    plan.tracks[0].reverbSendDB = 0
    try FileManager.default.createDirectory(
      at: place.url.appending(path: "song"), withIntermediateDirectories: true)
    try place.bytes("song/plan.json", Data(plan.text.utf8))
    for name in Set(names.map(SessionExporter.fileName(of:))) {
      try place.song("song/\(name).wav", frameCount: 2000)
    }
    for arguments in [["-o", "a.dawproject"], ["-o", "a.rpp"], ["-o", "b", "--format", "bwf"]] {
      let result = try place.tool.run(
        executable: Tool.executable,
        ["export", "song/plan.json", "--json", "--progress", "none"] + arguments)
      #expect(result.status == 0, "\(result.errors)")
      let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
      #expect(Set(report.files.map { $0.lowercased() }).count == report.files.count)
      #expect(report.files.allSatisfy { $0.hasPrefix(place.url.path) && !$0.contains("..") })
      #expect(report.tracks.contains("AC/DC"))
      #expect(report.tracks.count >= 41)
    }
    let python = URL(filePath: "/usr/bin/python3")
    guard FileManager.default.isExecutableFile(atPath: python.path) else { return }
    let script = """
      import sys, zipfile, xml.etree.ElementTree as tree
      archive = zipfile.ZipFile(sys.argv[1])
      assert archive.testzip() is None
      names = archive.namelist()
      root = tree.fromstring(archive.read("project.xml"))
      files = [file.get("path") for file in root.iter("File")]
      assert sorted(files + ["metadata.xml", "project.xml"]) == sorted(names), names
      print(len(files), [track.get("name") for track in root.iter("Track")][:4])
      """
    let read = try place.tool.run(executable: python, ["-c", script, "a.dawproject"])
    #expect(read.status == 0, "\(read.errors)")
    #expect(read.output.hasPrefix("41 ['AC/DC', '<b>&amp;\"\\'', '🎸 é', 'a\u{FFFD}b\\nc']"))
  }

  @Test func mistakesAreToldInALine() throws {
    let place = try Workplace()
    try song(place)
    try place.bytes("song/bad.json", Data("{".utf8))
    try place.bytes(
      "song/lost.json", Data(MixPlan(trackNames: ["drums", "flute", "harp"]).text.utf8))
    try place.bytes("three.json", Data(MixPlan(trackNames: ["a", "b", "c"]).text.utf8))
    for name in ["a", "b", "c"] { try place.song("\(name).wav", frameCount: 500) }
    try place.bytes("file", Data("x".utf8))
    try place.song("song/audio/a.wav", frameCount: 500)
    try place.bytes("song/audio/plan.json", Data(MixPlan(trackNames: ["a"]).text.utf8))
    let before = place.files(below: "")
    let cases: [([String], String)] = [
      (["missing.json", "-o", "a.dawproject"], "cannot be read"),
      (["song/bad.json", "-o", "a.dawproject"], "song/bad.json: "),
      (["song/lost.json", "-o", "a.dawproject"], "for “flute”, “harp”; put a file"),
      (["song/lost.json", "song/drums.wav", "-o", "a.dawproject"], "track “flute”"),
      (["song/plan.json", "-o", "a"], "choose one with --format"),
      (["song/plan.json", "-o", "a", "--format", "dawproject"], "ends in .dawproject"),
      (["song/plan.json", "-o", "a.mp4", "--format", "stem.mp4"], "ends in .stem.mp4"),
      (["song/plan.json", "-o", "a", "--format", "cubase"], "dawproject, reaper, stem.mp4, bwf"),
      (["song/plan.json", "-o", "no/a.dawproject"], "folder does not exist"),
      (["song/plan.json", "-o", "no/a", "--format", "bwf"], "folder does not exist"),
      (["song/plan.json", "-o", "file", "--format", "reaper"], "there is a file"),
      (["song/plan.json", "-o", "song", "--format", "bwf"], "in the folder that is written"),
      (["song/audio/plan.json", "-o", "song.rpp"], "in the folder that is written"),
      (["song/plan.json", "-o", "a.rpp", "--alac"], "--alac is for"),
      (["song/plan.json", "-o", "a.stem.mp4", "--int24"], "use --alac"),
      (["song/plan.json", "-o", "a.stem.mp4", "--samplerate", "96000"], "44100 or 48000"),
      (["song/plan.json", "-o", "a", "--format", "bwf", "--processed"], "processed always"),
      (["three.json", "-o", "a.stem.mp4"], "holds four stems, and the plan has 3"),
      (["song/plan.json", "-o", "a.rpp", "--samplerate", "4"], "8000 to 192000"),
      (["song/plan.json", "-o", "a.rpp", "--tail", "99"], "0 to 60 s"),
    ]
    for (arguments, message) in cases {
      let result = try place.tool.run(
        executable: Tool.executable, ["export"] + arguments + ["--progress", "none"])
      #expect(result.status == 1, "\(arguments)")
      #expect(result.errors.contains(message), "\(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }
    #expect(place.files(below: "") == before)
  }

  @Test func aDeviceIsNotReplaced() throws {
    let place = try Workplace()
    try song(place)
    try FileManager.default.createSymbolicLink(
      atPath: place.url.appending(path: "full.dawproject").path, withDestinationPath: "/dev/full")
    let result = try place.tool.run("export", "song/plan.json", "-o", "full.dawproject")
    #expect(result.status == 1)
    #expect(result.errors.contains("it is a device"))
    #expect(
      try FileManager.default.destinationOfSymbolicLink(
        atPath: place.url.appending(path: "full.dawproject").path) == "/dev/full")
  }

  /// A limit on the size of files fails like a full disk, only without needing one.
  @Test(arguments: [0, 1, 2, 3])
  func aDiskThatIsFull(index: Int) throws {
    let place = try Workplace()
    try song(place)
    let before = place.files(below: "")
    for blocks in ["50", "500"] {
      let result = try place.tool.run(
        executable: URL(filePath: "/bin/sh"),
        [
          "-c", "ulimit -f \(blocks); exec \"$0\" \"$@\"", Tool.executable.path, "export",
          "song/plan.json", "--progress", "none",
        ] + Self.formats[index].arguments)
      // 30,000 frames are 470 blocks of 512 bytes as they are rendered, and more in a session.
      if blocks == "50" || index == 0 {
        #expect(result.status == 1)
        #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        #expect(place.files(below: "") == before)
      } else {
        #expect(result.status == 0, "\(result.errors)")
      }
    }
  }

  @Test(arguments: [0, 1, 2, 3])
  func aSignalLeavesNothingBehind(index: Int) throws {
    let place = try Workplace()
    try song(place)
    let before = place.files(below: "")
    let rate = index == 2 ? "48000" : "192000"
    let child = try Tool.Child(
      executable: Tool.executable,
      arguments: [
        "export", "song/plan.json", "--samplerate", rate, "--tail", "60", "--progress",
        "json",
      ] + Self.formats[index].arguments, folder: place.url)
    for _ in 0..<1000 where !child.errorsSoFar.contains("progress") {
      Thread.sleep(forTimeInterval: 0.01)
    }
    kill(child.identifier, SIGINT)
    let result = child.finish()
    #expect(result.status == 130, "\(result.errors)")
    #expect(place.files(below: "") == before)
  }

  @Test func withoutFFmpegTheRemedyIsNamed() throws {
    let place = try Workplace()
    try song(place)
    let result = try place.tool.run(
      executable: URL(filePath: "/usr/bin/env"),
      [
        "PATH=/nonexistent", Tool.executable.path, "export", "song/plan.json", "-o", "a.stem.mp4",
        "--progress", "none",
      ])
    #expect(result.status == 1)
    #expect(result.errors.contains("install ffmpeg"))
    #expect(!place.files(below: "").contains("a.stem.mp4"))
  }
}
