// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

/// What holds for every plan.
@Suite struct MixPlanPropertyTests {
  @Test func everyPlanReadsBackAsItWas() throws {
    for seed in 0..<300 {
      var maker = RandomPlan(seed: UInt64(seed))
      let plan = maker.make()
      let text = plan.text
      let read = try MixPlan(text: text)
      #expect(read == plan)
      #expect(read.text == text)
      #expect(throws: Never.self) { try plan.validate() }
      #expect(plan.clamped() == plan)
      // Foundation reads the same document.
      let foundation = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
      #expect((foundation?["tracks"] as? [Any])?.count == plan.tracks.count)
    }
  }

  @Test func aClampedPlanIsValidAndClampingTwiceChangesNothing() throws {
    for seed in 0..<300 {
      var maker = RandomPlan(seed: UInt64(seed), goesBeyond: true)
      let plan = maker.make().clamped()
      #expect(throws: Never.self) { try plan.validate() }
      #expect(plan.clamped() == plan)
    }
  }

  @Test func mergingIsIdempotentAndAnEmptyPatchChangesNothing() throws {
    for seed in 0..<100 {
      var maker = RandomPlan(seed: UInt64(seed))
      let plan = maker.make()
      let other = maker.make()
      #expect(try plan.merging(.object([])) == plan)
      #expect(try plan.merging(plan.json) == plan)
      let merged = try plan.merging(other.json)
      #expect(try merged.merging(other.json) == merged)
      for track in other.tracks {
        #expect(merged.tracks.contains { $0.name == track.name && $0.gainDB == track.gainDB })
      }
    }
  }

  @Test func aPatchSpeaksOfOneTrackByItsName() throws {
    var plan = MixPlan(trackNames: ["drums", "vocals"])
    plan.tracks[1].compressor = Compressor()
    let patch = try JSONValue(
      text: #"{"tracks": [{"name": "vocals", "gain": -2, "compressor": null}], "reverb": null}"#)
    plan = try plan.merging(patch)
    #expect(plan.tracks.map(\.gainDB) == [0, -2])
    #expect(plan.tracks[1].compressor == nil)
    #expect(plan.reverb == nil)
  }

  @Test func numbersAreReadAsTheNearestDouble() throws {
    var random = RandomNumbers(seed: 5)
    var literals = [
      "5e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "1.7976931348623157e308",
      "2.2250738585072011e-308", "9007199254740993", "9007199254740992.5", "1e23", "8.5e-400",
      "0.1", "-0.0", "123456789012345678901234567890", "1e-5000", "4.9e-324", "0e999999",
      "179769313486231570000e288", "7.2057594037927933e16", "1.00000000000000011102230246251565",
    ]
    for _ in 0..<3000 {
      let value = Double(bitPattern: random.next())
      if value.isFinite { literals.append("\(value)") }
      let digits = UInt64.random(in: 0...UInt64.max, using: &random)
      literals.append("\(digits)e\(Int.random(in: -330...280, using: &random))")
    }
    for literal in literals {
      guard case .number(let number) = try JSONValue(text: literal) else {
        Issue.record("\(literal) is no number")
        continue
      }
      #expect(number.value == Double(literal), "\(literal)")
    }
  }

  /// Cuts, doubles and changes bytes of valid documents: an answer or an error, but no crash, and what is
  /// accepted reads back.
  @Test func noTextCrashesTheReader() {
    var random = RandomNumbers(seed: 99)
    var accepted = 0
    for seed in 0..<40 {
      var maker = RandomPlan(seed: UInt64(seed))
      let document = Array(maker.make().text.utf8)
      for _ in 0..<100 {
        var bytes = document
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
          let place = Int.random(in: 0..<bytes.count, using: &random)
          switch Int.random(in: 0..<5, using: &random) {
          case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
          case 1: bytes.removeSubrange(place..<min(bytes.count, place + 5))
          case 2: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 9)], at: place)
          case 3: bytes.removeLast(bytes.count - place)
          default:
            let tokens = ["null", "[", "}", "1e999", "-", "\"\\ud800\"", "1e-999", "\u{FEFF}"]
            let token = tokens[Int.random(in: 0..<tokens.count, using: &random)]
            bytes.insert(contentsOf: Array(token.utf8), at: place)
          }
        }
        do throws(MixPlanError) {
          let plan = try MixPlan(utf8: bytes)
          accepted += 1
          #expect((try? MixPlan(text: plan.text)) == plan)
        } catch { #expect(!error.description.isEmpty) }
      }
    }
    #expect(accepted > 100)
  }

  @Test func deepAndLongTextsAreRefused() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: MixPlanError.self) { try JSONValue(text: deep) }
    let long = "[" + String(repeating: "1", count: 1000) + "]"
    #expect(throws: MixPlanError.self) { try JSONValue(text: long) }
    func zeros(_ count: Int) -> String { "[" + String(repeating: "0,", count: count - 1) + "0]" }
    #expect(throws: Never.self) { try JSONValue(text: zeros(399_999)) }
    #expect(throws: MixPlanError.self) { try JSONValue(text: zeros(400_000)) }
    let extreme = String(repeating: "1e-307,", count: 20_000)
    #expect(throws: Never.self) { try JSONValue(text: "[\(extreme)1]") }
    #expect(throws: MixPlanError.self) { try JSONValue(text: "[\(extreme)1e-307]") }
  }
}
