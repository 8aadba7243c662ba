// SPDX-License-Identifier: MIT

/// Brings every number of a section into its range.
struct PlanClamp: PlanVisitor {
  mutating func number(_ key: String, _ value: inout Double, _ quantity: Quantity) {
    value = quantity.clamp(value)
  }

  mutating func number(_ key: String, _ value: inout Double?, _ quantity: Quantity) {
    value = value.map(quantity.clamp)
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
    if value.count > maximumCount { value.removeLast(value.count - maximumCount) }
    for index in value.indices { try value[index].visit(&self) }
  }
}
