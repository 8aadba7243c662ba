// SPDX-License-Identifier: MIT

/// Fills a section from a JSON object and refuses what is out of range.
struct PlanReader: PlanVisitor {
  private let members: [JSONMember]
  private let path: String
  private var isKnown: [Bool]

  private init(_ members: [JSONMember], path: String) {
    self.members = members
    self.path = path
    isKnown = [Bool](repeating: false, count: members.count)
  }

  /// Reads a section from the value at `path`.
  static func read<S: PlanSection>(
    _ type: S.Type, _ value: JSONValue, path: String
  ) throws(MixPlanError) -> S {
    guard case .object(let members) = value else {
      throw MixPlanError(.wrongKind, "\(value.kind) where an object is expected", path: path)
    }
    var section = S()
    var reader = PlanReader(members, path: path)
    try section.visit(&reader)
    try reader.because(&section.because)
    section.unknown = members.indices.filter { !reader.isKnown[$0] }.map { members[$0] }
    return section
  }

  private func place(_ key: String) -> String { path.utf8.isEmpty ? key : "\(path).\(key)" }

  /// The value of a key; nil where it is not there.
  private mutating func take(_ key: String) -> JSONValue? {
    for index in members.indices where members[index].key.isSame(as: key) {
      isKnown[index] = true
      return members[index].value
    }
    return nil
  }

  private func wrongKind(
    _ key: String, _ value: JSONValue, _ expected: String
  ) -> MixPlanError {
    MixPlanError(.wrongKind, "\(value.kind) where \(expected) is expected", path: place(key))
  }

  private mutating func because(_ reasons: inout Reasons) throws(MixPlanError) {
    guard let value = take("because") else { return }
    guard case .object(let lines) = value else { throw wrongKind("because", value, "an object") }
    guard lines.count <= Reasons.maximumCount else {
      throw MixPlanError(
        .outOfRange, "has \(lines.count) lines; \(Reasons.maximumCount) are possible",
        path: place("because"))
    }
    for line in lines {
      guard case .string(let text) = line.value else {
        throw wrongKind("because.\(line.key)", line.value, "a text")
      }
      reasons[line.key] = text
    }
  }

  mutating func number(
    _ key: String, _ value: inout Double, _ quantity: Quantity
  ) throws(MixPlanError) {
    guard let json = take(key) else { return }
    guard case .number(let number) = json else { throw wrongKind(key, json, "a number") }
    try quantity.check(number.value, place(key))
    value = number.value
  }

  mutating func number(
    _ key: String, _ value: inout Double?, _ quantity: Quantity
  ) throws(MixPlanError) {
    guard let json = take(key) else { return }
    switch json {
    case .null: value = nil
    case .number(let number):
      try quantity.check(number.value, place(key))
      value = number.value
    default: throw wrongKind(key, json, "a number or null")
    }
  }

  mutating func flag(
    _ key: String, _ value: inout Bool, _ summary: String
  ) throws(MixPlanError) {
    guard let json = take(key) else { return }
    guard case .bool(let flag) = json else { throw wrongKind(key, json, "true or false") }
    value = flag
  }

  mutating func text(
    _ key: String, _ value: inout String, _ summary: String
  ) throws(MixPlanError) {
    guard let json = take(key) else {
      throw MixPlanError(.missing, "is missing", path: place(key))
    }
    guard case .string(let text) = json else { throw wrongKind(key, json, "a text") }
    guard !text.utf8.isEmpty else {
      throw MixPlanError(.outOfRange, "is empty", path: place(key))
    }
    value = text
  }

  mutating func text(
    _ key: String, _ value: inout String?, _ summary: String
  ) throws(MixPlanError) {
    guard let json = take(key) else { return }
    switch json {
    case .null: value = nil
    case .string(let text): value = text
    default: throw wrongKind(key, json, "a text or null")
    }
  }

  mutating func choice<C: PlanChoice>(
    _ key: String, _ value: inout C, _ summary: String
  ) throws(MixPlanError) {
    guard let json = take(key) else { return }
    for choice in C.all where choice.json.isSameScalar(as: json) {
      value = choice
      return
    }
    var names = ""
    for choice in C.all {
      names += names.utf8.isEmpty ? choice.json.scalarText : ", \(choice.json.scalarText)"
    }
    throw MixPlanError(
      .outOfRange, "\(json.scalarText) is none of \(names)", path: place(key))
  }

  mutating func section<S: PlanSection>(
    _ key: String, _ value: inout S
  ) throws(MixPlanError) {
    guard let json = take(key) else { return }
    value = try Self.read(S.self, json, path: place(key))
  }

  mutating func section<S: PlanSection>(
    _ key: String, _ value: inout S?
  ) throws(MixPlanError) {
    guard let json = take(key) else { return }
    if case .null = json {
      value = nil
    } else {
      value = try Self.read(S.self, json, path: place(key))
    }
  }

  mutating func list<S: PlanSection>(
    _ key: String, _ value: inout [S], maximumCount: Int
  ) throws(MixPlanError) {
    guard let json = take(key) else { return }
    guard case .array(let items) = json else { throw wrongKind(key, json, "a list") }
    guard items.count <= maximumCount else {
      throw MixPlanError(
        .outOfRange, "\(items.count) entries; \(maximumCount) are allowed", path: place(key))
    }
    var sections: [S] = []
    for (index, item) in items.enumerated() {
      sections.append(try Self.read(S.self, item, path: "\(place(key))[\(index)]"))
    }
    value = sections
  }
}

extension JSONValue {
  func isSameScalar(as other: JSONValue) -> Bool {
    switch (self, other) {
    case (.string(let a), .string(let b)): a.isSame(as: b)
    case (.number(let a), .number(let b)): a.value == b.value
    default: false
    }
  }

  var scalarText: String {
    switch self {
    case .string(let text): text
    case .number(let number): number.literal
    default: kind
    }
  }
}
