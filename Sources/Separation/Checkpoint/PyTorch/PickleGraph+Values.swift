// SPDX-License-Identifier: MIT

/// Takes values out of a graph as trees.
///
/// A short pickle can describe a tree that would fill any memory, by a list that holds the same
/// list twice, which holds the same list twice, and so on; hence the budget.
struct PickleTreeReader {
  typealias Node = PickleGraph.Node

  /// Deeper than the arguments of any network.
  static let maximumDepth = 32

  let graph: PickleGraph
  let file: MappedFile
  /// Of the file, for messages.
  let name: String
  /// Values and bytes of text that may still be taken.
  private var budget: Int

  /// - Parameter budget: Values and bytes of text that may be taken in all.
  init(graph: PickleGraph, file: MappedFile, name: String, budget: Int) {
    self.graph = graph
    self.file = file
    self.name = name
    self.budget = budget
  }

  func malformed(_ why: String) -> SeparationError {
    SeparationError(
      code: .malformed, message: "\(name): not a model of Demucs, or a damaged one: \(why).")
  }

  private mutating func spend(_ count: Int) throws(SeparationError) {
    budget -= count
    guard budget >= 0 else {
      throw SeparationError(
        code: .limit,
        message: "\(name): the checkpoint's values would take more memory than the whole file.")
    }
  }

  /// The keys and values of a dictionary whose keys are different texts.
  ///
  /// - Parameter what: The dictionary's name in messages.
  mutating func dictionary(_ node: Node, _ what: String) throws(SeparationError)
    -> [(key: String, value: Node)]
  {
    guard case .dictionary(let items) = graph[node] else {
      throw malformed("its \(what) are not a dictionary")
    }
    var pairs: [(key: String, value: Node)] = []
    var known: Set<String> = []
    for index in stride(from: 0, to: items.count, by: 2) {
      guard let key = try text(items[index]) else {
        throw malformed("a key of its \(what) is not a text")
      }
      guard known.insert(key).inserted else {
        throw malformed("the key “\(key.excerpt)” of its \(what) is there twice")
      }
      pairs.append((key, items[index + 1]))
    }
    return pairs
  }

  /// The string of a text, `nil` where the value is something else.
  mutating func text(_ node: Node) throws(SeparationError) -> String? {
    guard case .text(let start, let count) = graph[node] else { return nil }
    try spend(1 + Int(count))
    guard
      let string = String(
        validating: file.bytes[Int(start)..<Int(start) + Int(count)], as: UTF8.self)
    else { throw malformed("a text is not UTF-8") }
    return string
  }

  /// A value without tensors, such as an argument.
  mutating func value(_ node: Node, depth: Int = 0) throws(SeparationError) -> PackageValue {
    guard depth <= Self.maximumDepth else { throw malformed("its arguments are nested too deep") }
    try spend(1)
    switch graph[node] {
    case .none: return .null
    case .boolean(let value): return .boolean(value)
    case .integer(let value): return .integer(Int(value))
    case .number(let value): return PackageValue(value)
    case .text: return .string(try text(node) ?? "")
    case .tuple(let items), .list(let items):
      var values: [PackageValue] = []
      for item in items { values.append(try value(item, depth: depth + 1)) }
      return .list(values)
    case .dictionary:
      var values: [String: PackageValue] = [:]
      for (key, item) in try dictionary(node, "arguments") {
        values[key] = try value(item, depth: depth + 1)
      }
      return .dictionary(values)
    case .fraction(let numerator, let denominator):
      guard case .integer(let numerator) = graph[numerator],
        case .integer(let denominator) = graph[denominator]
      else { throw malformed("a fraction is wrong") }
      return .fraction(numerator: Int(numerator), denominator: Int(denominator))
    case .global, .storage, .tensor, .ignored:
      throw malformed("an argument is neither a number, a text nor a list or dictionary of these")
    }
  }
}
