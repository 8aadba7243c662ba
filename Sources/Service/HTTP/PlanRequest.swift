// SPDX-License-Identifier: MIT
import AutoMix
import MixCore

/// What `POST /v1/plans` and `POST /v1/mixes` ask for: JSON with a plan in it.
struct DocumentRequest {
  private let json: JSONValue
  private let members: Set<String>

  /// Reads a document.
  ///
  /// - Parameter members: All that it may have.
  /// - Throws: `malformed`, `invalid`.
  init(_ bytes: [UInt8], members: Set<String>) async throws(ServiceError) {
    self.members = members
    json = try await blocking { (_) throws(ServiceError) in
      do throws(MixPlanError) { return try JSONValue(utf8: bytes) } catch {
        throw ServiceError(error, in: "The document")
      }
    }
    guard case .object(let all) = json else {
      throw ServiceError(.invalid, "The document must be an object.")
    }
    for member in all where !members.contains(member.key) {
      throw ServiceError(.invalid, "\(DisplayName.clean(member.key)): there is no such member.")
    }
  }

  /// The text of a member; nil where it is not there.
  ///
  /// - Throws: `invalid` where it is none.
  func text(_ name: String) throws(ServiceError) -> String? {
    switch json[name] {
    case nil: return nil
    case .string(let text): return text
    default: throw ServiceError(.invalid, "\(name): a text is expected.")
    }
  }

  /// The text of a member that has to be there.
  ///
  /// - Throws: `invalid`.
  func requiredText(_ name: String) throws(ServiceError) -> String {
    guard let text = try text(name) else { throw ServiceError(.invalid, "\(name): is missing.") }
    return text
  }

  /// One of some words; nil where it is not there.
  ///
  /// - Throws: `invalid`.
  func word(_ name: String, among words: [String]) throws(ServiceError) -> String? {
    guard let word = try text(name) else { return nil }
    guard words.contains(word) else {
      throw ServiceError(.invalid, "\(name): one of \(words.joined(separator: ", ")) is expected.")
    }
    return word
  }

  /// A word, or a list of words; nil where it is not there.
  ///
  /// - Throws: `invalid`.
  func words(_ name: String) throws(ServiceError) -> [String]? {
    switch json[name] {
    case nil: return nil
    case .string(let text): return [text]
    case .array(let values):
      var words: [String] = []
      for value in values {
        guard case .string(let word) = value else {
          throw ServiceError(.invalid, "\(name): a list of texts is expected.")
        }
        words.append(word)
      }
      return words
    default: throw ServiceError(.invalid, "\(name): a list of texts is expected.")
    }
  }

  /// The plan; nil where it is not there.
  ///
  /// - Throws: `invalid`.
  func plan() throws(ServiceError) -> MixPlan? {
    guard let value = json["plan"] else { return nil }
    do throws(MixPlanError) { return try MixPlan(json: value) } catch {
      throw ServiceError(error, in: "plan")
    }
  }
}

extension JSONValue {
  /// Reads JSON in UTF-8.
  ///
  /// - Throws: What reading throws, also where it is not UTF-8.
  fileprivate init(utf8 bytes: [UInt8]) throws(MixPlanError) {
    // Bytes that are not UTF-8 become the replacement character, which is fine within texts.
    try self.init(text: String(decoding: bytes, as: UTF8.self))
  }
}
