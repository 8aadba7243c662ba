// SPDX-License-Identifier: MIT

/// A JSON value (RFC 8259) that keeps the order of members and the spelling of numbers.
///
/// It exists because Foundation does not in Embedded Swift, and because a plan that is read and
/// written again must not lose what somebody else put into it.
public indirect enum JSONValue: Sendable, Equatable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number with the literal it was written as.
  case number(JSONNumber)
  /// A string.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object; keys are unique.
  case object([JSONMember])

  /// A number in its shortest spelling.
  public static func number(_ value: Double) -> JSONValue { .number(JSONNumber(value)) }
}

/// A key of an object and its value.
public struct JSONMember: Sendable, Equatable {
  /// The key.
  public var key: String
  /// The value.
  public var value: JSONValue

  /// Makes a member.
  public init(_ key: String, _ value: JSONValue) {
    self.key = key
    self.value = value
  }
}

/// A number and its spelling.
public struct JSONNumber: Sendable, Equatable {
  /// The nearest Double.
  public let value: Double
  /// The number as JSON text.
  public let literal: String

  init(value: Double, literal: String) {
    self.value = value
    self.literal = literal
  }

  /// The shortest literal that reads back as `value`; a value that is not finite, which JSON does not
  /// have, becomes 0.
  public init(_ value: Double) {
    self.value = value.isFinite ? value : 0
    var text = Array(self.value.description.utf8)
    if text.count > 2, text[text.count - 1] == 0x30, text[text.count - 2] == 0x2E {
      text.removeLast(2)
    }
    literal = String(decoding: text, as: UTF8.self)
  }
}

extension JSONValue {
  /// The value of a key, or nil where this is no object or has no such key.
  public subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    for member in members where member.key.isSame(as: key) { return member.value }
    return nil
  }

  /// What kind of value it is, in words.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a truth value"
    case .number: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }

  /// This value changed by a patch after RFC 7396: members of the patch replace, `null` removes.
  ///
  /// One addition: lists of objects that all have a text `name` are matched by that name, so that a
  /// patch can speak of one track.
  public func merging(_ patch: JSONValue) -> JSONValue {
    switch patch {
    case .object(let changes):
      var members: [JSONMember] = []
      if case .object(let own) = self { members = own }
      for change in changes {
        let index = members.firstIndex { $0.key.isSame(as: change.key) }
        if case .null = change.value {
          if let index { members.remove(at: index) }
        } else if let index {
          members[index].value = members[index].value.merging(change.value)
        } else {
          members.append(JSONMember(change.key, JSONValue.null.merging(change.value)))
        }
      }
      return .object(members)
    case .array(let changes):
      guard case .array(var items) = self, !changes.isEmpty,
        items.allSatisfy({ $0.name != nil }), changes.allSatisfy({ $0.name != nil })
      else { return patch }
      for change in changes {
        guard let name = change.name else { continue }
        if let index = items.firstIndex(where: { $0.name?.isSame(as: name) ?? false }) {
          items[index] = items[index].merging(change)
        } else {
          items.append(JSONValue.null.merging(change))
        }
      }
      return .array(items)
    default:
      return patch
    }
  }

  private var name: String? {
    guard case .string(let name)? = self["name"] else { return nil }
    return name
  }
}

extension String {
  /// Equality of the bytes, without Unicode's canonical equivalence, whose tables are large.
  func isSame(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
