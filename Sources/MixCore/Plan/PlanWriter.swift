// SPDX-License-Identifier: MIT

/// Turns a section into a JSON object.
struct PlanWriter: PlanVisitor {
  private var members: [JSONMember] = []

  static func write<S: PlanSection>(_ section: S) -> JSONValue {
    var section = section
    var writer = PlanWriter()
    // No method of this visitor throws.
    do throws(MixPlanError) { try section.visit(&writer) } catch {}
    if !section.because.lines.isEmpty {
      let lines = section.because.lines.map { JSONMember($0.key, .string($0.text)) }
      writer.members.append(JSONMember("because", .object(lines)))
    }
    return .object(writer.members + section.unknown)
  }

  private mutating func put(_ key: String, _ value: JSONValue) {
    members.append(JSONMember(key, value))
  }

  mutating func number(_ key: String, _ value: inout Double, _ quantity: Quantity) {
    put(key, .number(value))
  }

  mutating func number(_ key: String, _ value: inout Double?, _ quantity: Quantity) {
    if let value { put(key, .number(value)) }
  }

  mutating func flag(_ key: String, _ value: inout Bool, _ summary: String) {
    put(key, .bool(value))
  }

  mutating func text(_ key: String, _ value: inout String, _ summary: String) {
    put(key, .string(value))
  }

  mutating func text(_ key: String, _ value: inout String?, _ summary: String) {
    if let value { put(key, .string(value)) }
  }

  mutating func choice<C: PlanChoice>(_ key: String, _ value: inout C, _ summary: String) {
    put(key, value.json)
  }

  mutating func section<S: PlanSection>(_ key: String, _ value: inout S) {
    put(key, Self.write(value))
  }

  mutating func section<S: PlanSection>(_ key: String, _ value: inout S?) {
    if let value { put(key, Self.write(value)) }
  }

  mutating func list<S: PlanSection>(_ key: String, _ value: inout [S], maximumCount: Int) {
    put(key, .array(value.map { Self.write($0) }))
  }
}
