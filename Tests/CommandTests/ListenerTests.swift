// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Tonmeister

@Suite struct ListenerTests {
  private func plans(_ place: Workplace) throws {
    var plan = MixPlan(trackNames: ["drums", "Lead Vox"])
    try place.bytes("proposed.json", Data(plan.text.utf8))
    plan.tracks[1].gainDB = 3
    try place.bytes("kept.json", Data(plan.text.utf8))
  }

  private func document(_ place: Workplace, _ name: String = "anna") -> URL {
    place.url.appending(path: "data/tonmeister/listeners/\(name).json")
  }

  private func learn(_ place: Workplace, _ title: String) throws -> Tool.Result {
    try place.tool.run(
      "listener", "learn", "--listener", "anna", "--proposed", "proposed.json", "--kept",
      "kept.json", "--title", title)
  }

  @Test func aTasteIsLearnedShownUsedAndForgotten() throws {
    let place = try Workplace()
    try plans(place)
    for title in ["One", "Two", "Three", "Three"] {
      let result = try learn(place, title)
      #expect(result.status == 0, "\(result.errors)")
    }
    #expect(try place.tool.run("listener").output.contains("anna  3      residual"))
    let show = try place.tool.run("listener", "show", "--listener", "anna")
    #expect(show.output.contains("anna: 3 songs"))
    #expect(show.output.contains("vocals  gain"))
    #expect(!show.output.contains("drums"))
    let json = try place.tool.run("listener", "show", "--listener", "anna", "--json").output
    #expect(json.contains("\"standardDeviation\""))

    let advised = try place.tool.run(
      "listener", "advise", "proposed.json", "--listener", "anna", "-o", "plan.json")
    #expect(advised.status == 0, "\(advised.errors)")
    #expect(advised.errors.contains("you like vocals"))
    let plan = try MixPlan(
      utf8: [UInt8](Data(contentsOf: place.url.appending(path: "plan.json"))))
    #expect(plan.tracks[1].gainDB > 1.5 && plan.tracks[0].gainDB == 0)
    let printed = try place.tool.run("listener", "advise", "proposed.json", "--listener", "anna")
    #expect(printed.output == plan.text)

    let one = try place.tool.run("listener", "forget", "--listener", "anna", "--title", "One")
    #expect(one.status == 0)
    #expect(
      try place.tool.run("listener", "advise", "proposed.json", "--listener", "anna").output
        == MixPlan(trackNames: ["drums", "Lead Vox"]).text)
    #expect(
      try place.tool.run("listener", "forget", "--listener", "anna", "--title", "One").status == 1)
    #expect(try place.tool.run("listener", "forget", "--listener", "anna").status == 0)
    #expect(!FileManager.default.fileExists(atPath: document(place).path))
    #expect(try place.tool.run("listener", "forget", "--listener", "anna").status == 1)
    #expect(try place.tool.run("listener", "show", "--listener", "anna").status == 1)
  }

  @Test func aMixIsProposedToAListenersTaste() throws {
    let place = try Workplace()
    try plans(place)
    for title in ["One", "Two", "Three"] { #expect(try learn(place, title).status == 0) }
    try place.song("vocals.wav", frameCount: 88_200)
    try place.song("drums.wav", frameCount: 88_200)
    func mix(_ more: [String]) throws -> MixPlan {
      let result = try place.tool.run(
        executable: Tool.executable,
        ["mix", "vocals.wav", "drums.wav", "-o", "mix.wav", "--auto", "rules", "--write-plan"]
          + ["plan.json"] + more)
      #expect(result.status == 0, "\(result.errors)")
      return try MixPlan(
        utf8: [UInt8](Data(contentsOf: place.url.appending(path: "plan.json"))))
    }
    let (plain, tasted) = (try mix([]), try mix(["--listener", "anna"]))
    #expect(tasted.tracks[0].gainDB - plain.tracks[0].gainDB > 1.5)
    #expect(tasted.tracks[0].because["gain"]?.contains("you like") == true)
    let known = try mix(["--listener", "anna", "--song", "drums.wav"])
    #expect(known.tracks[0].because["gain"]?.contains("you like") == true)
    for (more, reason) in [
      (["--listener", "anna", "--song", "none.wav"], "none.wav"),
      (["--song", "drums.wav"], "--listener"),
    ] {
      let wrong = try place.tool.run(
        executable: Tool.executable,
        ["mix", "vocals.wav", "drums.wav", "-o", "x.wav", "--auto", "rules"] + more)
      #expect(wrong.status == 1 && wrong.errors.contains(reason), "\(wrong.errors)")
    }
    let unknown = try place.tool.run(
      "mix", "vocals.wav", "-o", "x.wav", "--auto", "rules", "--listener", "nobody")
    #expect(unknown.status == 1 && unknown.errors.contains("nobody"))
    #expect(try place.tool.run("remix", "vocals.wav", "--listener", "anna").status == 64)
    let remix = try place.tool.run(
      "remix", "vocals.wav", "--repo", "models", "-n", "through", "--auto", "--listener", "anna",
      "-o", "remix.wav", "--explain")
    #expect(remix.status == 0, "\(remix.errors)")
    #expect(remix.output.contains("you like vocals"))
  }

  @Test func aNetworkAsksForTheSongAndTakesIt() throws {
    let place = try Workplace()
    let stems = ["vocals.wav", "drums.wav", "bass.wav", "other.wav"]
    for stem in stems { try place.song(stem, frameCount: 88_200) }
    let auto = ["mix"] + stems + ["-o", "mix.wav", "--auto", "rules"]
    func run(_ words: [String]) throws -> Tool.Result {
      let result = try place.tool.run(executable: Tool.executable, words)
      #expect(result.status == 0, "\(result.errors)")
      return result
    }
    _ = try run(auto + ["--write-plan", "plan.json"])
    _ = try run([
      "listener", "learn", "--listener", "net", "--learner", "network", "--proposed", "plan.json",
      "--kept", "plan.json", "--song", "vocals.wav",
    ])
    #expect(try run(auto + ["--listener", "net"]).errors.contains("name it with --song"))
    let known = try run(auto + ["--listener", "net", "--song", "vocals.wav", "--explain"])
    #expect(!known.errors.contains("needs the song") && known.output.contains("your network"))
  }

  @Test func aListenerMovesToAnotherMachine() throws {
    let place = try Workplace()
    try plans(place)
    #expect(try learn(place, "One").status == 0)
    let exported = try place.tool.run("listener", "export", "--listener", "anna")
    #expect(exported.output == (try String(contentsOf: document(place), encoding: .utf8)))
    #expect(
      try place.tool.run("listener", "export", "--listener", "anna", "-o", "a.json").status == 0)
    let again = try place.tool.run("listener", "import", "a.json")
    #expect(again.status == 1)
    #expect(again.errors.contains("--replace"))
    #expect(try place.tool.run("listener", "import", "a.json", "--replace").status == 0)
    #expect(try place.tool.run("listener", "import", "a.json", "--listener", "ben").status == 0)
    #expect(try place.tool.run("listener", "list").output.split(separator: "\n").count == 3)
  }

  @Test func featuresAreMeasuredFromTheSong() throws {
    let place = try Workplace()
    try plans(place)
    try place.song("My Song.wav", frameCount: 50_000)
    let result = try place.tool.run(
      "listener", "learn", "--proposed", "proposed.json", "--kept", "kept.json", "--song",
      "My Song.wav", "--genre", "jazz")
    #expect(result.status == 0, "\(result.errors)")
    let listener = try Listener(utf8: [UInt8](Data(contentsOf: document(place, "default"))))
    #expect(listener.edits.map(\.title) == ["My Song"])
    let features = try #require(listener.edits.first?.features)
    #expect(abs(features.vector[1] - 0.91875) < 1e-5)
    #expect(features.genreWeights[SongGenre.jazz.rawValue] > 0.79)
    let unknown = try place.tool.run(
      "listener", "learn", "--proposed", "proposed.json", "--kept", "kept.json", "--song",
      "My Song.wav", "--genre", "polka")
    #expect(unknown.status == 1 && unknown.errors.contains("reggae"))
  }

  @Test func damagedDocumentsAreNeverWrittenOver() throws {
    let place = try Workplace()
    try plans(place)
    #expect(try learn(place, "One").status == 0)
    let intact = try Data(contentsOf: document(place))
    try place.bytes("a.json", intact)
    let damaged = intact.prefix(intact.count / 2)
    try damaged.write(to: document(place))
    for arguments in [
      ["learn", "--proposed", "proposed.json", "--kept", "kept.json", "--listener", "anna"],
      ["show", "--listener", "anna"], ["export", "--listener", "anna"],
      ["import", "a.json", "--replace"],
    ] {
      let result = try place.tool.run(executable: Tool.executable, ["listener"] + arguments)
      #expect(result.status == 1)
      #expect(result.errors.contains("stays as it is"), "\(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1)
    }
    #expect(try Data(contentsOf: document(place)) == damaged)
    #expect(try place.tool.run("listener", "list").output.contains("damaged"))
    #expect(try place.tool.run("listener", "forget", "--listener", "anna").status == 0)
  }

  @Test(arguments: ["../anna", "a/b", ".hidden", "a\u{1}b"])
  func namesDoNotLeaveTheFolder(name: String) throws {
    let place = try Workplace()
    try plans(place)
    for verb in ["show", "export", "forget"] {
      let result = try place.tool.run("listener", verb, "--listener=\(name)")
      #expect(result.status == 1 && result.errors.contains("cannot be the name"))
    }
    let result = try place.tool.run(
      "listener", "learn", "--listener=\(name)", "--proposed", "proposed.json", "--kept",
      "kept.json")
    #expect(result.status == 1)
    #expect(place.files(below: "data").isEmpty)
  }

  @Test func mistakesAreToldInALine() throws {
    let place = try Workplace()
    try plans(place)
    try place.bytes("other.json", Data(MixPlan(trackNames: ["piano"]).text.utf8))
    let learn = ["learn", "--proposed", "proposed.json", "--kept"]
    for arguments in [
      learn + ["missing.json"], learn + ["other.json"], learn + ["kept.json", "--genre", "jazz"],
      learn + ["kept.json", "--song", "missing.wav"], learn + ["kept.json", "--learner", "magic"],
      ["import", "missing.json"], ["import", "kept.json"], ["advise", "proposed.json"],
    ] {
      let result = try place.tool.run(executable: Tool.executable, ["listener"] + arguments)
      #expect(result.status == 1, "\(arguments)")
      #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }
    #expect(place.files(below: "data/tonmeister/listeners").allSatisfy { $0 == ".lock" })
  }

  @Test func manyCanTeachAtOnce() throws {
    let place = try Workplace()
    try plans(place)
    let children = try (0..<8).map {
      try place.tool.start(
        "listener", "learn", "--listener", "anna", "--proposed", "proposed.json", "--kept",
        "kept.json", "--title", "Song \($0)")
    }
    for child in children { #expect(child.finish().status == 0) }
    let listener = try Listener(utf8: [UInt8](Data(contentsOf: document(place))))
    #expect(listener.edits.count == 8)
  }
}
