// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

@Suite struct ListenerTests {
  private let features = SongFeatures(
    vector: [Float](repeating: 0.5, count: 13) + SongGenre.rock.weights.map { Float($0) })

  private var proposed: MixPlan {
    var plan = MixPlan(trackNames: ["drums", "bass", "other", "vocals"])
    plan.tracks[3].gainDB = -1
    plan.tracks[3].reverbSendDB = -14
    plan.tracks[3].because["gain"] = "the lead"
    return plan
  }

  private var kept: MixPlan {
    var plan = proposed
    plan.tracks[3].gainDB += 3
    plan.tracks[3].reverbSendDB = -9
    plan.tracks[2].pan = 0.3
    plan.tracks[0].equalizer = SpectralTilt.bands(tiltDB: 3)
    return plan
  }

  private func taught(_ count: Int, learner: Listener.Learner = .residual) -> Listener {
    var listener = Listener(name: "Zoë K.")
    listener.choose(learner)
    for song in 0..<count {
      listener.learn(
        MixEdit(proposed: proposed, kept: kept, title: "Song \(song)", features: features))
    }
    return listener
  }

  @Test func aPlanIsChangedWithAReasonForEveryChange() throws {
    let plan = taught(7).advise(proposed, for: features)
    try plan.validate()
    let vocals = plan.tracks[3]
    #expect(vocals.gainDB > 1 && vocals.gainDB <= 2)
    let reason = try #require(vocals.because["gain"])
    #expect(reason.hasPrefix("the lead; you like vocals "))
    #expect(reason.hasSuffix(" dB louder, from 7 songs"))
    #expect(try #require(vocals.reverbSendDB) > -12)
    #expect(vocals.because["reverbSend"]?.contains("more reverb, from 7 songs") == true)
    #expect(plan.tracks[2].pan > 0.15 && plan.tracks[2].pan <= 0.3)
    #expect(plan.tracks[2].because["pan"]?.contains("further right") == true)
    let tilt = SpectralTilt.tiltDB(of: plan.tracks[0].equalizer)
    #expect(tilt > 1.5 && tilt < 3.3)
    #expect(
      plan.tracks[0].equalizer.allSatisfy { $0.because["gain"]?.contains("brighter") == true })
    // Nothing else.
    #expect(plan.tracks[1] == proposed.tracks[1])
    #expect(plan.tracks[0].gainDB == 0 && plan.tracks[3].pan == 0)
  }

  @Test func twoSongsChangeNothing() {
    #expect(taught(2).advise(proposed, for: features) == proposed)
    #expect(Listener(name: "a").advise(proposed, for: features) == proposed)
  }

  @Test func theNetworkCanBeChosen() throws {
    var listener = taught(30, learner: .network)
    listener.retrainNetwork()
    let plan = listener.advise(proposed, for: features)
    #expect(plan.tracks[3].because["gain"]?.contains("from 30 songs") == true)
    #expect(abs(plan.tracks[3].gainDB - 2) < 2)
    #expect(listener.advise(proposed) == proposed)
  }

  @Test func tiltsAreWhatTheyAreCalled() {
    for tilt in [-6.0, -2, 0.5, 4] {
      #expect(abs(SpectralTilt.tiltDB(of: SpectralTilt.bands(tiltDB: tilt)) - tilt) < 0.2)
    }
  }

  @Test(arguments: [Listener.Learner.residual, .network])
  func documentsSurviveARoundTrip(learner: Listener.Learner) throws {
    let listener = taught(4, learner: learner)
    let read = try Listener(utf8: Array(listener.text.utf8))
    #expect(read == listener)
    #expect(read.text == listener.text)
    #expect(read.advise(proposed, for: features) == listener.advise(proposed, for: features))
  }

  @Test func unknownMembersAreKept() throws {
    var text = taught(1).text
    text = text.replacing("{\n  \"version\": 1,", with: "{\n  \"version\": 1, \"mood\": [1, 2],")
    let listener = try Listener(utf8: Array(text.utf8))
    #expect(listener.json["mood"] == .array([.number(1), .number(2)]))
  }

  @Test func aSongIsLearnedOnceByItsTitle() {
    var listener = taught(3)
    listener.learn(
      MixEdit(proposed: proposed, kept: proposed, title: "Song 1", features: features))
    #expect(listener.edits.map(\.title) == ["Song 0", "Song 2", "Song 1"])
    #expect(listener.songs.count == 3)
    let (first, second) = (listener.forget(title: "Song 0"), listener.forget(title: "Song 0"))
    #expect(first && !second)
    #expect(listener.edits.count == 2 && listener.songs.count == 2)
  }

  /// As a page leaves it in the browser's storage, where every value is a text.
  @Test(arguments: [true, false])
  func whatPagesSavedLoads(asText: Bool) throws {
    let network = PreferenceNetwork(seed: 3)
    let vector = try #require(features).vector.map { Double($0) }
    let song: [String: Any] = [
      "title": "Alt", "artist": "Custom Mix", "details": "…",
      "gains": ["vocals": 3, "drums": -2, "bass": 0, "other": -6], "features": vector,
    ]
    let old: [String: Any] = ["title": "Älter", "gains": NSNull(), "features": NSNull()]
    let songs: [String: Any] = ["Ada": [song, old], "Bob": [song]]
    let model = try JSONSerialization.jsonObject(with: Data(network.json.text.utf8))
    func value(_ object: Any) throws -> Any {
      asText
        ? String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
        : object
    }
    let page: [String: Any] = [
      "userModel_Ada": try value(model), "audioMixSongs": try value(songs), "museTheme": "light",
    ]
    let bytes = [UInt8](try JSONSerialization.data(withJSONObject: page))
    #expect(throws: MixPlanError.self) { try Listener(utf8: bytes) }
    #expect(throws: MixPlanError.self) { try Listener(utf8: bytes, user: "Eve") }
    let ada = try Listener(utf8: bytes, user: "Ada")
    #expect(ada.network == network && ada.learner == .network && ada.theme == "light")
    #expect(ada.songs.map(\.title) == ["Alt", "Älter"])
    #expect(ada.songs[0].gains == StemGains(vocals: 3, drums: -2, bass: 0, other: -6))
    #expect(ada.songs[0].features == features && ada.songs[1].example == nil)
    #expect(ada.songs[0].unknown.map(\.key).sorted() == ["artist", "details"])
    let bob = try Listener(utf8: bytes, user: "Bob")
    #expect(bob.network == nil && bob.learner == .residual && bob.songs.count == 1)
    #expect(try Listener(utf8: Array(ada.text.utf8)) == ada)
    // And back: a page finds its keys.
    let back = try JSONSerialization.jsonObject(with: Data(ada.text.utf8)) as? [String: Any]
    let saved = try #require(back?["userModel_Ada"] as? [[String: Any]])
    #expect(saved.map { $0["shape"] as? [Int] }.first == [23, 64])
    #expect((back?["audioMixSongs"] as? [String: Any])?["Ada"] != nil)
  }

  @Test(arguments: [
    "", "[]", "{}", "null", #"{"version": 2, "name": "a"}"#, #"{"version": 1}"#,
    #"{"version": 1, "name": "../a"}"#, #"{"version": 1, "name": "a", "learner": "magic"}"#,
    #"{"version": 1, "name": "a", "edits": [{"stems": [{"stem": "x", "gain": [1]}]}]}"#,
    #"{"version": 1, "name": "a", "edits": [{"stems": [{"stem": "x", "gain": [1, 1e9]}]}]}"#,
    #"{"version": 1, "name": "a", "edits": [{"features": [1, 2]}]}"#,
    #"{"version": 1, "name": "a", "userModel_a": [1, 2]}"#,
    #"{"version": 1, "name": "a", "audioMixSongs": {"a": [{"gains": {"vocals": 1}}]}}"#,
    #"{"userModel_a": "[[", "audioMixSongs": "{"}"#,
  ])
  func damagedDocumentsAreRefused(text: String) {
    #expect(throws: MixPlanError.self) { try Listener(utf8: Array(text.utf8)) }
  }

  @Test func dataOfACrowdIsRefused() {
    let members = (0..<10_000).map { "\"userModel_\($0)\": 1" }.joined(separator: ", ")
    let error = #expect(throws: MixPlanError.self) {
      try Listener(utf8: Array("{\(members)}".utf8))
    }
    #expect(error?.code == .limit)
  }

  @Test func cutDocumentsNeverTrap() {
    let bytes = Array(taught(2, learner: .network).text.utf8)
    for count in stride(from: 0, to: bytes.count - 2, by: 997) {
      #expect(throws: MixPlanError.self) { try Listener(utf8: Array(bytes[..<count])) }
    }
  }

  @Test func namesAreFileNames() {
    for name in ["a", "Zoë K.", "default", "x-1_y", "日本"] { #expect(Listener.isName(name)) }
    for name in [
      "", ".", "..", ".a", "-a", " a", "a ", "a/b", "../a", "a\0", "a\n", "a\\b", "a:b",
      String(repeating: "a", count: 65),
    ] { #expect(!Listener.isName(name)) }
  }
}
