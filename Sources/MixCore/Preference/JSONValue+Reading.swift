// SPDX-License-Identifier: MIT

// What a document must have at a place, or an error that names the place.
extension JSONValue {
  func kindError(_ expected: String, _ path: String) -> MixPlanError {
    MixPlanError(.wrongKind, "\(kind) where \(expected) is expected", path: path)
  }

  func required(_ key: String, _ path: String) throws(MixPlanError) -> JSONValue {
    guard let value = self[key] else {
      throw MixPlanError(
        .missing, "is missing", path: path.utf8.isEmpty ? key : "\(path).\(key)")
    }
    return value
  }

  func members(_ path: String) throws(MixPlanError) -> [JSONMember] {
    guard case .object(let members) = self else { throw kindError("an object", path) }
    return members
  }

  func items(_ path: String, maximumCount: Int) throws(MixPlanError) -> [JSONValue] {
    guard case .array(let items) = self else { throw kindError("a list", path) }
    guard items.count <= maximumCount else {
      throw MixPlanError(
        .outOfRange, "\(items.count) entries; \(maximumCount) are allowed", path: path)
    }
    return items
  }

  func text(_ path: String) throws(MixPlanError) -> String {
    guard case .string(let text) = self else { throw kindError("a text", path) }
    return text
  }

  /// A number of a size at most `largest`.
  func number(_ path: String, largest: Double) throws(MixPlanError) -> Double {
    guard case .number(let number) = self else { throw kindError("a number", path) }
    guard abs(number.value) <= largest else {
      throw MixPlanError(
        .outOfRange, "\(number.literal) is larger than can be meant", path: path)
    }
    return number.value
  }

  /// A number in the shortest spelling that reads back as the same Float.
  static func single(_ value: Float) -> JSONValue {
    var text = Array(value.description.utf8)
    if text.count > 2, text[text.count - 1] == 0x30, text[text.count - 2] == 0x2E {
      text.removeLast(2)
    }
    return .number(
      JSONNumber(value: Double(value), literal: String(decoding: text, as: UTF8.self)))
  }
}
