// SPDX-License-Identifier: MIT

@testable import MixCore

/// Fills every field of a plan with something random within (or, for `beyond`, also outside) its range.
struct RandomPlan: PlanVisitor {
  var random: RandomNumbers
  var goesBeyond = false
  private var nameCount = 0

  init(seed: UInt64, goesBeyond: Bool = false) {
    random = RandomNumbers(seed: seed)
    self.goesBeyond = goesBeyond
  }

  mutating func make() -> MixPlan {
    var plan = MixPlan()
    do throws(MixPlanError) { try plan.visit(&self) } catch {}
    plan.because["tracks"] = text()
    plan.unknown = [JSONMember("x-\(text())", .array([.number(1.5), .null, .string(text())]))]
    return plan
  }

  private mutating func text() -> String {
    let alphabet: [Character] = ["a", "\"", "\\", "\n", "é", "😀", "\u{1}", " ", "/", "z"]
    return String(
      (0..<Int.random(in: 1...8, using: &random)).map { _ in
        alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
      })
  }

  private mutating func value(_ quantity: Quantity) -> Double {
    let range = quantity.range
    let span = range.upperBound - range.lowerBound
    let wide = range.lowerBound - span...range.upperBound + span
    if goesBeyond, Int.random(in: 0..<8, using: &random) == 0 {
      return [Double.nan, .infinity, -.infinity, 1e300][Int.random(in: 0..<4, using: &random)]
    }
    return Double.random(in: goesBeyond ? wide : range, using: &random)
  }

  mutating func number(_ key: String, _ value: inout Double, _ quantity: Quantity) {
    value = self.value(quantity)
  }

  mutating func number(_ key: String, _ value: inout Double?, _ quantity: Quantity) {
    value = Bool.random(using: &random) ? self.value(quantity) : nil
  }

  mutating func flag(_ key: String, _ value: inout Bool, _ summary: String) {
    value = Bool.random(using: &random)
  }

  mutating func text(_ key: String, _ value: inout String, _ summary: String) {
    nameCount += 1
    value = "\(nameCount)\(text())"
  }

  mutating func text(_ key: String, _ value: inout String?, _ summary: String) { value = nil }

  mutating func choice<C: PlanChoice>(_ key: String, _ value: inout C, _ summary: String) {
    value = C.all[Int.random(in: 0..<C.all.count, using: &random)]
  }

  mutating func section<S: PlanSection>(_ key: String, _ value: inout S) throws(MixPlanError) {
    try value.visit(&self)
    if Bool.random(using: &random) { value.because[text()] = text() }
    if Bool.random(using: &random) {
      value.unknown = [JSONMember("later", .object([JSONMember(text(), .bool(true))]))]
    }
  }

  mutating func section<S: PlanSection>(_ key: String, _ value: inout S?) throws(MixPlanError) {
    guard Bool.random(using: &random) else {
      value = nil
      return
    }
    var section = S()
    try self.section(key, &section)
    value = section
  }

  mutating func list<S: PlanSection>(
    _ key: String, _ value: inout [S], maximumCount: Int
  ) throws(MixPlanError) {
    value = []
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      var section = S()
      try self.section(key, &section)
      value.append(section)
    }
  }
}
