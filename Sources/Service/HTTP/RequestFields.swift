// SPDX-License-Identifier: MIT
import Foundation
import Hummingbird

/// The fields of a request, from its query or its form, each looked at once.
struct RequestFields {
  private var values: [String: String]

  /// The fields of a query.
  ///
  /// - Throws: `invalid` where one is there twice.
  init(query request: Request) throws(ServiceError) {
    values = [:]
    for pair in (request.uri.query ?? "").split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.decoded(parts[0]),
        let value = Self.decoded(parts.count == 2 ? parts[1] : "")
      else { throw ServiceError(.malformed, "The query is not encoded as it must be.") }
      guard values.updateValue(value, forKey: name) == nil else {
        throw ServiceError(.invalid, "\(DisplayName.clean(name)): the field is there twice.")
      }
    }
  }

  private static func decoded(_ text: Substring) -> String? {
    text.replacing("+", with: " ").removingPercentEncoding
  }

  /// The fields of a form.
  init(_ values: [String: String]) { self.values = values }

  /// Adds the fields of a form.
  mutating func add(_ fields: [String: String]) { values.merge(fields) { $1 } }

  /// Takes a field out; nil where it is not there, or empty.
  mutating func take(_ name: String) -> String? {
    values.removeValue(forKey: name).flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Takes a number out.
  ///
  /// - Throws: `invalid` where it is none within the range.
  mutating func number(
    _ name: String, in range: ClosedRange<Double>
  ) throws(ServiceError) -> Double? {
    guard let text = take(name) else { return nil }
    guard let number = Double(text), range.contains(number) else {
      throw ServiceError(
        .invalid, "\(name): a number from \(range.lowerBound) to \(range.upperBound) is expected.")
    }
    return number
  }

  /// Takes a whole number out.
  ///
  /// - Throws: `invalid` where it is none within the range.
  mutating func integer(_ name: String, in range: ClosedRange<Int>) throws(ServiceError) -> Int? {
    guard let text = take(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw ServiceError(
        .invalid,
        "\(name): a whole number from \(range.lowerBound) to \(range.upperBound) is expected.")
    }
    return number
  }

  /// Takes a word out.
  ///
  /// - Throws: `invalid` where it is none of those allowed.
  mutating func word(_ name: String, among words: [String]) throws(ServiceError) -> String? {
    guard let word = take(name) else { return nil }
    guard words.contains(word) else {
      throw ServiceError(.invalid, "\(name): one of \(words.joined(separator: ", ")) is expected.")
    }
    return word
  }

  /// Refuses what nobody has asked for, which is mostly a slip of the pen.
  ///
  /// - Throws: `invalid`.
  func finish() throws(ServiceError) {
    guard let name = values.keys.sorted().first else { return }
    throw ServiceError(.invalid, "\(DisplayName.clean(name)): there is no such field.")
  }
}
