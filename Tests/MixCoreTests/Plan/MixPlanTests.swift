// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

/// The plan as a document.
@Suite struct MixPlanTests {
  func refusal(_ text: String) -> MixPlanError? {
    do throws(MixPlanError) {
      _ = try MixPlan(text: text)
      return nil
    } catch { return error }
  }

  @Test func aRefusalNamesTheKeyAndTheRange() {
    let text = """
      {"version": 1, "tracks": [{"name": "a"}, {"name": "b"},
        {"name": "c", "compressor": {"ratio": 0.5}}]}
      """
    #expect(refusal(text)?.description == "tracks[2].compressor.ratio: 0.5 is below 1")
  }

  @Test(arguments: [
    (#"{}"#, "version: is missing; this format is version 1"),
    (#"{"version": 2}"#, "version: 2 is later than 1, the latest known"),
    (#"{"version": 1.5}"#, "version: a whole number from 1 is expected"),
    (#"[]"#, "a list where a plan, which is an object, is expected"),
    (#"{"version": 1, "tracks": {}}"#, "tracks: an object where a list is expected"),
    (#"{"version": 1, "tracks": [1]}"#, "tracks[0]: a number where an object is expected"),
    (#"{"version": 1, "tracks": [{}]}"#, "tracks[0].name: is missing"),
    (#"{"version": 1, "tracks": [{"name": ""}]}"#, "tracks[0].name: is empty"),
    (
      #"{"version": 1, "tracks": [{"name": "a", "mute": 0}]}"#,
      "tracks[0].mute: a number where true or false is expected"
    ),
    (
      #"{"version": 1, "tracks": [{"name": "a", "pan": "left"}]}"#,
      "tracks[0].pan: a text where a number is expected"
    ),
    (
      #"{"version": 1, "tracks": [{"name": "a", "highPass": {"slope": 18}}]}"#,
      "tracks[0].highPass.slope: 18 is none of 12, 24"
    ),
    (
      #"{"version": 1, "tracks": [{"name": "a", "equalizer": [{"type": "peak"}]}]}"#,
      "tracks[0].equalizer[0].type: peak is none of bell, lowShelf, highShelf, notch"
    ),
    (
      #"{"version": 1, "tracks": [{"name": "a"}, {"name": "a"}]}"#,
      "tracks[1].name: there are two tracks called a"
    ),
    (
      #"{"version": 1, "tracks": [{"name": "a", "compressor": {"sideChain": "b"}}]}"#,
      "tracks[0].compressor.sideChain: there is no track called b"
    ),
    (
      #"{"version": 1, "master": {"loudness": 3, "limiter": null}}"#,
      "master.loudness: 3 is above 0"
    ),
    (
      #"{"version": 1, "master": {"because": {"loudness": 3}}}"#,
      "master.because.loudness: a number where a text is expected"
    ),
    ("{\"version\": 1,\n \"tracks\": [}", "line 2, column 13: a value is expected here"),
    (
      #"{"version": 1, "version": 1}"#,
      "line 1, column 29: the key version appears twice in an object"
    ),
    ("{\"version\": 1} x", "line 1, column 16: something follows the end of the document"),
  ])
  func whatIsWrongIsSaidInWords(_ text: String, _ message: String) {
    #expect(refusal(text)?.description == message)
  }

  @Test func unknownKeysAndTheirSpellingAreKept() throws {
    let text = """
      {"version": 1, "colour": "red", "tracks": [{"name": "a", "icon": [1.10, 1e400000000000000000]}]}
      """
    #expect(refusal(text)?.code == .limit)
    let kept = text.replacingOccurrences(of: "1e400000000000000000", with: "12345678901234567890")
    let plan = try MixPlan(text: kept)
    #expect(plan.unknown == [JSONMember("colour", .string("red"))])
    #expect(plan.text.contains("1.10, 12345678901234567890"))
    #expect(try MixPlan(text: plan.text) == plan)
  }

  @Test func reasonsStandBesideValues() throws {
    var plan = MixPlan(trackNames: ["vocals"])
    plan.tracks[0].gainDB = 3.1
    plan.tracks[0].because["gain"] = "vocals 3.1 LU under the backing; target 0"
    let read = try MixPlan(text: plan.text)
    #expect(read.tracks[0].because["gain"] == "vocals 3.1 LU under the backing; target 0")
    #expect(read == plan)
  }

  @Test func theSchemaIsThePublishedOne() throws {
    let url = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Documentation/mixplan.schema.json")
    if ProcessInfo.processInfo.environment["TONMEISTER_WRITE_SCHEMA"] != nil {
      try MixPlan.schema.text.write(to: url, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: url, encoding: .utf8) == MixPlan.schema.text)
  }

  @Test func aPlanInCodeIsCheckedToo() {
    var plan = MixPlan(trackNames: ["a"])
    plan.tracks[0].pan = -2
    #expect(throws: MixPlanError(.outOfRange, "-2 is below -1", path: "tracks[0].pan")) {
      try plan.validate()
    }
    plan.tracks[0].pan = .nan
    #expect(throws: MixPlanError.self) { try plan.validate() }
    #expect(plan.clamped().tracks[0].pan == 0)
  }
}
