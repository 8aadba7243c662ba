// SPDX-License-Identifier: MIT

/// Collects the members of a document that this version does not know, with their paths.
struct PlanUnknownKeys: PlanVisitor {
  private(set) var paths: [String] = []
  private var path = ""

  mutating func collect<S: PlanSection>(_ section: S, at place: String) throws(MixPlanError) {
    let outer = path
    path = place
    for member in section.unknown { paths.append(self.place(member.key)) }
    var copy = section
    try copy.visit(&self)
    path = outer
  }

  private func place(_ key: String) -> String { path.utf8.isEmpty ? key : "\(path).\(key)" }

  mutating func number(_ key: String, _ value: inout Double, _ quantity: Quantity) {}
  mutating func number(_ key: String, _ value: inout Double?, _ quantity: Quantity) {}
  mutating func flag(_ key: String, _ value: inout Bool, _ summary: String) {}
  mutating func text(_ key: String, _ value: inout String, _ summary: String) {}
  mutating func text(_ key: String, _ value: inout String?, _ summary: String) {}
  mutating func choice<C: PlanChoice>(_ key: String, _ value: inout C, _ summary: String) {}

  mutating func section<S: PlanSection>(_ key: String, _ value: inout S) throws(MixPlanError) {
    try collect(value, at: place(key))
  }

  mutating func section<S: PlanSection>(_ key: String, _ value: inout S?) throws(MixPlanError) {
    if let value { try collect(value, at: place(key)) }
  }

  mutating func list<S: PlanSection>(
    _ key: String, _ value: inout [S], maximumCount: Int
  ) throws(MixPlanError) {
    let place = place(key)
    for index in value.indices { try collect(value[index], at: "\(place)[\(index)]") }
  }
}

extension MixPlan {
  /// The paths of all members that this version does not know, such as `tracks[0].equalizer[1].shape`: kept when the
  /// plan is written again, but without effect.
  public var unknownKeys: [String] {
    var collector = PlanUnknownKeys()
    // No method of this visitor throws.
    do throws(MixPlanError) { try collector.collect(self, at: "") } catch {}
    return collector.paths
  }
}
