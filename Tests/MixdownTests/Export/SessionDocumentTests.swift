// SPDX-License-Identifier: MIT
import Foundation
import MixCore
import Testing

@testable import Mixdown

@Suite struct SessionDocumentTests {
  /// A plan with everything that a session can carry.
  static func plan() -> MixPlan {
    var plan = MixPlan(trackNames: ["drums", "bass", "<&\">\u{1}🎤", "vocals"])
    plan.tracks[0].gainDB = 12
    plan.tracks[0].compressor = Compressor()
    plan.tracks[0].compressor?.ratio = 4
    plan.tracks[0].compressor?.attackMilliseconds = 5
    plan.tracks[0].compressor?.makeupDB = 1
    plan.tracks[1].gainDB = -6
    plan.tracks[1].pan = -0.5
    plan.tracks[1].mute = true
    plan.tracks[1].gate = Gate()
    plan.tracks[1].highPass = PassFilter(frequencyHz: 40, slope: .decibels24)
    plan.tracks[2].gainDB = 9
    plan.tracks[2].saturation = Saturation()
    plan.tracks[2].width = 0.5
    plan.tracks[3].solo = true
    plan.tracks[3].deEsser = DeEsser()
    plan.tracks[3].highPass = PassFilter(frequencyHz: 80)
    plan.tracks[3].lowPass = PassFilter(frequencyHz: 15_000)
    plan.tracks[3].reverbSendDB = -12
    plan.tracks[3].equalizer = [
      EqualizerBand(.bell, frequencyHz: 900, gainDB: 4, q: 1),
      EqualizerBand(.lowShelf, frequencyHz: 100, gainDB: -2),
      EqualizerBand(.highShelf, frequencyHz: 8000, gainDB: 2),
      EqualizerBand(.notch, frequencyHz: 50, q: 10),
    ]
    plan.reverb?.gainDB = -3
    plan.master.gainDB = -2
    plan.master.equalizer = [EqualizerBand(.bell, frequencyHz: 200, gainDB: -1)]
    plan.master.compressor = Compressor()
    return plan
  }

  static func session(_ plan: MixPlan) -> Session {
    var strips = plan.tracks.map { track in
      Session.Strip(
        name: track.name, file: "audio/\(FileNames.safe(track.name)).wav", gainDB: track.gainDB,
        pan: track.pan, isMuted: track.mute, isSoloed: track.solo, sendDB: track.reverbSendDB,
        processors: track)
    }
    strips.append(Session.Strip(name: "Reverb", file: "audio/Reverb.wav", isSoloed: true))
    return Session(
      title: "Song", sampleRate: 48_000, frameCount: 96_001, strips: strips,
      sendChannel: .init(gainDB: -3), master: plan.master, loudnessGainDB: 5.5, sumGainDB: 3.5,
      limiter: plan.master.limiter)
  }

  private func project(_ plan: MixPlan) throws -> ParsedElement {
    let document = DAWProject(session: Self.session(plan), applicationVersion: "1").project
    return try ParsedElement.parse(document.document)
  }

  @Test func theProjectKeepsTheRulesOfTheSchema() throws {
    #expect(DAWProjectSchema.problems(try project(Self.plan())) == [])
    #expect(DAWProjectSchema.problems(try project(MixPlan(trackNames: ["a"]))) == [])
    var forty = MixPlan(trackNames: (0..<40).map { "track \($0)" })
    for index in forty.tracks.indices {
      forty.tracks[index].equalizer = Self.plan().tracks[3].equalizer
    }
    #expect(DAWProjectSchema.problems(try project(forty)) == [])
  }

  /// The checker itself: what it is to find, it finds.
  @Test func brokenProjectsAreFound() throws {
    let text = String(
      decoding: DAWProject(session: Self.session(Self.plan()), applicationVersion: "1").project
        .document, as: UTF8.self)
    let changes = [
      ("<Mute value=\"true\"", "<Mute value=\"yes\""), ("role=\"master\"", "role=\"main\""),
      ("destination=\"master-channel\"", "destination=\"nowhere\""),
      ("id=\"track2\"", "id=\"track1\""), ("unit=\"percent\" ", ""),
      ("<Scenes/>", "<Scenes/><Structure/>"), ("<File path", "<Fil path"),
      ("deviceRole=\"audioFX\" ", ""), ("time=\"0\" ", ""),
    ]
    for (old, new) in changes {
      try #require(text.contains(old))
      let broken = try ParsedElement.parse(Array(text.replacing(old, with: new).utf8))
      #expect(!DAWProjectSchema.problems(broken).isEmpty, "\(old)")
    }
  }

  @Test func theProjectSaysWhatThePlanSays() throws {
    let project = try project(Self.plan())
    let tracks = try #require(project.child("Structure")).children
    #expect(
      tracks.map { $0.attributes["name"] } == [
        "drums", "bass", "<&\">\u{FFFD}🎤", "vocals", "Reverb", "Reverb send", "Master",
      ])
    let channels = tracks.compactMap { $0.child("Channel") }
    // 10^(-6/20); the faders end at 2, and the rest is behind the compressor or the equalizer.
    #expect(abs(try #require(channels[1].value("Volume")) - 0.501187234) < 1e-9)
    #expect(channels[0].value("Volume") == 2)
    let compressor = try #require(channels[0].child("Devices")?.child("Compressor"))
    #expect(abs(try #require(compressor.value("OutputGain")) - (1 + 12 - 6.020599913)) < 1e-6)
    #expect(compressor.value("Ratio") == 75)
    #expect(compressor.value("Attack") == 0.005)
    #expect(compressor.value("Threshold") == -18)
    let equalizer = try #require(channels[2].child("Devices")?.child("Equalizer"))
    #expect(abs(try #require(equalizer.value("OutputGain")) - (9 - 6.020599913)) < 1e-6)
    #expect(channels[1].value("Pan") == 0.25)
    #expect(
      channels.map { $0.child("Mute")?.attributes["value"] == "true" } == [
        false, true, false, false, false, true, false,
      ])
    #expect(
      channels.map { $0.attributes["solo"] == "true" } == [
        false, false, false, true, true, false, false,
      ])
    // The gate comes between the filters and the equalizer; 24 dB are two bands.
    let devices = try #require(channels[1].child("Devices")).children
    #expect(devices.map(\.name) == ["Equalizer", "NoiseGate"])
    let qualities = devices[0].children.compactMap { $0.value("Q") }
    #expect(qualities.count == 2 && abs(qualities[0] * qualities[1] - 0.7071067812) < 1e-8)
    #expect(devices[1].value("Range") == -40)
    let bands = try #require(channels[3].child("Devices")?.child("Equalizer")).children
      .filter { $0.name == "Band" }
    #expect(
      bands.map { $0.attributes["type"] } == [
        "highPass", "lowPass", "bell", "lowShelf", "highShelf", "notch",
      ])
    #expect(bands.map { $0.value("Freq") } == [80, 15_000, 900, 100, 8000, 50])
    let send = try #require(channels[3].child("Sends")?.child("Send"))
    #expect(send.attributes["destination"] == channels[5].attributes["id"])
    #expect(send.attributes["type"] == "post")
    #expect(abs(try #require(send.value("Volume")) - 0.251188643) < 1e-9)
    #expect(channels[5].attributes["role"] == "effect")
    // Master gain before the compressor, loudness gain before the limiter.
    let master = try #require(channels[6].child("Devices")).children
    #expect(master.map(\.name) == ["Equalizer", "Compressor", "Limiter"])
    #expect(master[1].value("InputGain") == -2)
    #expect(master[2].value("InputGain") == 5.5)
    #expect(master[2].value("Threshold") == -1)
    let lanes = try #require(project.child("Arrangement")?.child("Lanes"))
    #expect(lanes.children.count == 5)
    let clip = try #require(lanes.children[1].child("Clips")?.child("Clip"))
    #expect(clip.attributes["duration"] == "2.000020833")
    #expect(clip.child("Audio")?.child("File")?.attributes["path"] == "audio/bass.wav")
  }

  @Test func theReaperProjectSaysWhatThePlanSays() throws {
    let text = ReaperProject(session: Self.session(Self.plan())).text
    let root = try #require(RPPBlock.parse(text))
    #expect(root.tag == "REAPER_PROJECT")
    #expect(root.line("SAMPLERATE") == ["SAMPLERATE", "48000", "1", "0"])
    // 10^(3.5/20)
    #expect(root.line("MASTER_VOLUME")?[1].hasPrefix("1.49623565") == true)
    let tracks = root.blocks("TRACK")
    #expect(
      tracks.map { $0.line("NAME")?[1] } == [
        "drums", "bass", "<&\"> 🎤", "vocals", "Reverb", "Reverb send",
      ])
    #expect(tracks[1].line("VOLPAN") == ["VOLPAN", "0.501187234", "-0.5", "-1", "-1", "1"])
    #expect(tracks.map { $0.line("MUTESOLO")?[1] } == ["0", "1", "0", "0", "0", "1"])
    #expect(tracks.map { $0.line("MUTESOLO")?[2] } == ["0", "0", "0", "2", "2", "0"])
    #expect(
      tracks[5].lines.filter { $0[0] == "AUXRECV" }.map { $0[1...3].joined(separator: " ") }
        == ["3 0 0.251188643"])
    let item = try #require(tracks[1].blocks("ITEM").first)
    #expect(item.line("LENGTH") == ["LENGTH", "2.000020833"])
    #expect(item.blocks("SOURCE").first?.line("FILE") == ["FILE", "audio/bass.wav"])
    #expect(Set(tracks.map { $0.words[1] }).count == 6)
  }

  @Test func namesAreQuotedForReaper() {
    #expect(ReaperProject.quoted("a b") == "\"a b\"")
    #expect(ReaperProject.quoted("a\"b") == "'a\"b'")
    #expect(ReaperProject.quoted("a\"b'c") == "`a\"b'c`")
    #expect(ReaperProject.quoted("a\"b'c`d\n>") == "`a\"b'c'd >`")
  }

  @Test func whatIsLostIsTold() {
    let plan = Self.plan()
    func notes(_ format: SessionExporter.Format, _ isProcessed: Bool = false) -> String {
      ExportNotes(plan: plan, format: format, isProcessed: isProcessed, hasLimiter: true)
        .sentences.joined(separator: "\n")
    }
    let session = notes(.dawproject)
    for word in [
      "de-esser", "saturation", "stereo width", "knee", "hold time", "pan law", "+6 dB",
      "Reverb send",
    ] { #expect(session.contains(word), "\(word)") }
    #expect(!notes(.dawproject, true).contains("de-esser"))
    #expect(notes(.dawproject, true).contains("knee of the compressor"))
    #expect(notes(.reaper).contains("equalizer, compressor, limiter"))
    #expect(notes(.reaper).contains("printed into the audio"))
    #expect(notes(.stemMP4).contains("limiter"))
    #expect(notes(.bwf).isEmpty)
    let plain = ExportNotes(
      plan: MixPlan(trackNames: ["a"]), format: .dawproject, isProcessed: false, hasLimiter: true)
    #expect(plain.sentences.isEmpty)
  }
}
