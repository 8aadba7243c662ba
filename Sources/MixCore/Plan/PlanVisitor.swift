// SPDX-License-Identifier: MIT

/// A part of a plan that is an object in JSON.
///
/// It describes its fields once, in `visit`; reader, writer, schema, clamp and check are visitors of
/// that description, so that they cannot disagree.
protocol PlanSection: Sendable, Equatable {
  /// The section with every value at its standard.
  init()
  /// One sentence for the schema.
  static var summary: String { get }
  /// Why values are as they are.
  var because: Reasons { get set }
  /// Members of the object that this version does not know.
  var unknown: [JSONMember] { get set }
  /// Shows every field to a visitor, in the order of the document.
  mutating func visit<V: PlanVisitor>(_ visitor: inout V) throws(MixPlanError)
}

/// A value out of a closed set of words or whole numbers.
protocol PlanChoice: Sendable, Equatable {
  /// All values in the order of the schema.
  static var all: [Self] { get }
  /// How JSON spells it.
  var json: JSONValue { get }
}

/// What can be done with every field of a plan.
protocol PlanVisitor {
  mutating func number(
    _ key: String, _ value: inout Double, _ quantity: Quantity) throws(MixPlanError)
  mutating func number(
    _ key: String, _ value: inout Double?, _ quantity: Quantity) throws(MixPlanError)
  mutating func flag(_ key: String, _ value: inout Bool, _ summary: String) throws(MixPlanError)
  /// A text that must be there and not empty.
  mutating func text(_ key: String, _ value: inout String, _ summary: String) throws(MixPlanError)
  mutating func text(_ key: String, _ value: inout String?, _ summary: String) throws(MixPlanError)
  mutating func choice<C: PlanChoice>(
    _ key: String, _ value: inout C, _ summary: String) throws(MixPlanError)
  mutating func section<S: PlanSection>(_ key: String, _ value: inout S) throws(MixPlanError)
  mutating func section<S: PlanSection>(_ key: String, _ value: inout S?) throws(MixPlanError)
  mutating func list<S: PlanSection>(
    _ key: String, _ value: inout [S], maximumCount: Int) throws(MixPlanError)
}

/// Why values of a section are as they are: a line in plain words for each key.
public struct Reasons: Sendable, Equatable {
  /// The most lines of a section that is read.
  public static let maximumCount = 256

  /// The key and its line, in the order of the document.
  public private(set) var lines: [Line] = []

  /// A key and why its value is as it is.
  public struct Line: Sendable, Equatable {
    /// The key within the section, such as `gain`.
    public let key: String
    /// The reason, such as `vocals 3.1 LU under the backing; target 0`.
    public let text: String
  }

  /// No reasons.
  public init() {}

  /// The line of a key; setting nil removes it.
  public subscript(key: String) -> String? {
    get { lines.first { $0.key.isSame(as: key) }?.text }
    set {
      let index = lines.firstIndex { $0.key.isSame(as: key) }
      switch (index, newValue) {
      case (let index?, let text?): lines[index] = Line(key: key, text: text)
      case (let index?, nil): lines.remove(at: index)
      case (nil, let text?): lines.append(Line(key: key, text: text))
      case (nil, nil): break
      }
    }
  }
}
