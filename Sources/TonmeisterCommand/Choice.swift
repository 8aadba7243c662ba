// SPDX-License-Identifier: MIT
import ArgumentParser

/// A value out of a short list.
///
/// Any word is parsed, so that a wrong one is told in a line that names the right ones, as a wrong
/// model or stem is, and not with the usage.
struct Choice<Value>: ExpressibleByArgument, Sendable
where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
  let text: String

  init(_ value: Value) { text = value.rawValue }

  init?(argument: String) { text = argument }

  var defaultValueDescription: String { text }

  static var allValueStrings: [String] { Value.allCases.map(\.rawValue) }

  /// The value that was chosen with `option`.
  func value(of option: String) throws(CommandError) -> Value {
    guard let value = Value(rawValue: text) else {
      let known = Self.allValueStrings.joined(separator: ", ")
      throw CommandError(message: "\(option) “\(text)” is not known; choose one of: \(known).")
    }
    return value
  }
}
