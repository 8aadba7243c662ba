// SPDX-License-Identifier: MIT

/// Describes a section as JSON Schema (draft 2020-12).
struct PlanSchema: PlanVisitor {
  private var properties: [JSONMember] = []
  private var required: [JSONValue] = []

  static func describe<S: PlanSection>(_ type: S.Type) -> JSONValue {
    var section = S()
    var schema = PlanSchema()
    // No method of this visitor throws.
    do throws(MixPlanError) { try section.visit(&schema) } catch {}
    schema.put(
      "because",
      .object([
        JSONMember("description", .string("Why values are as they are, by their keys.")),
        JSONMember("type", .string("object")),
        JSONMember("additionalProperties", .object([JSONMember("type", .string("string"))])),
      ]))
    var members = [
      JSONMember("description", .string(S.summary)),
      JSONMember("type", .string("object")),
    ]
    if !schema.required.isEmpty { members.append(JSONMember("required", .array(schema.required))) }
    members.append(JSONMember("properties", .object(schema.properties)))
    return .object(members)
  }

  private mutating func put(_ key: String, _ value: JSONValue) {
    properties.append(JSONMember(key, value))
  }

  private static func describe(
    _ quantity: Quantity, _ type: JSONValue, standard: JSONValue
  ) -> JSONValue {
    .object([
      JSONMember("description", .string(quantity.summary)),
      JSONMember("type", type),
      JSONMember("minimum", .number(quantity.range.lowerBound)),
      JSONMember("maximum", .number(quantity.range.upperBound)),
      JSONMember("default", standard),
      JSONMember("x-unit", .string(quantity.unit.symbol)),
    ])
  }

  mutating func number(_ key: String, _ value: inout Double, _ quantity: Quantity) {
    put(key, Self.describe(quantity, .string("number"), standard: .number(value)))
  }

  mutating func number(_ key: String, _ value: inout Double?, _ quantity: Quantity) {
    let type = JSONValue.array([.string("number"), .string("null")])
    put(key, Self.describe(quantity, type, standard: value.map { .number($0) } ?? .null))
  }

  mutating func flag(_ key: String, _ value: inout Bool, _ summary: String) {
    put(
      key,
      .object([
        JSONMember("description", .string(summary)), JSONMember("type", .string("boolean")),
        JSONMember("default", .bool(value)),
      ]))
  }

  mutating func text(_ key: String, _ value: inout String, _ summary: String) {
    required.append(.string(key))
    put(
      key,
      .object([
        JSONMember("description", .string(summary)), JSONMember("type", .string("string")),
        JSONMember("minLength", .number(1)),
      ]))
  }

  mutating func text(_ key: String, _ value: inout String?, _ summary: String) {
    put(
      key,
      .object([
        JSONMember("description", .string(summary)),
        JSONMember("type", .array([.string("string"), .string("null")])),
      ]))
  }

  mutating func choice<C: PlanChoice>(_ key: String, _ value: inout C, _ summary: String) {
    put(
      key,
      .object([
        JSONMember("description", .string(summary)),
        JSONMember("enum", .array(C.all.map { $0.json })),
        JSONMember("default", value.json),
      ]))
  }

  mutating func section<S: PlanSection>(_ key: String, _ value: inout S) {
    put(key, Self.describe(S.self))
  }

  mutating func section<S: PlanSection>(_ key: String, _ value: inout S?) {
    let none = JSONValue.object([JSONMember("type", .string("null"))])
    put(key, .object([JSONMember("anyOf", .array([Self.describe(S.self), none]))]))
  }

  mutating func list<S: PlanSection>(_ key: String, _ value: inout [S], maximumCount: Int) {
    put(
      key,
      .object([
        JSONMember("type", .string("array")),
        JSONMember("maxItems", .number(Double(maximumCount))),
        JSONMember("items", Self.describe(S.self)),
      ]))
  }
}
