// SPDX-License-Identifier: MIT

/// Refuses numbers that are not finite, which JSON cannot carry.
struct PlanFiniteCheck: PlanVisitor {
  mutating func number(
    _ key: String, _ value: inout Double, _ quantity: Quantity
  ) throws(MixPlanError) {
    guard value.isFinite else { throw MixPlanError(.outOfRange, "not finite", path: key) }
  }

  mutating func number(
    _ key: String, _ value: inout Double?, _ quantity: Quantity
  ) throws(MixPlanError) {
    guard value?.isFinite ?? true else { throw MixPlanError(.outOfRange, "not finite", path: key) }
  }

  mutating func flag(_ key: String, _ value: inout Bool, _ summary: String) {}
  mutating func text(_ key: String, _ value: inout String, _ summary: String) {}
  mutating func text(_ key: String, _ value: inout String?, _ summary: String) {}
  mutating func choice<C: PlanChoice>(_ key: String, _ value: inout C, _ summary: String) {}

  mutating func section<S: PlanSection>(_ key: String, _ value: inout S) throws(MixPlanError) {
    try value.visit(&self)
  }

  mutating func section<S: PlanSection>(_ key: String, _ value: inout S?) throws(MixPlanError) {
    try value?.visit(&self)
  }

  mutating func list<S: PlanSection>(
    _ key: String, _ value: inout [S], maximumCount: Int
  ) throws(MixPlanError) {
    for index in value.indices { try value[index].visit(&self) }
  }
}
