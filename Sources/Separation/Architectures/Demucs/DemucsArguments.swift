// SPDX-License-Identifier: MIT
import Foundation

/// A checkpoint's constructor arguments.
///
/// Arguments that nobody asks for are ignored: they say how weights began or what training did, or
/// they are left from older versions, and Demucs drops those too.
struct DemucsArguments {
  private let name: String
  private let values: [String: Any]

  init(metadata: [String: String], name: String) throws(SeparationError) {
    func json(_ key: String, _ standard: String) -> Any? {
      try? JSONSerialization.jsonObject(
        with: Data((metadata[key] ?? standard).utf8), options: .fragmentsAllowed)
    }
    guard var values = json("kwargs", "{}") as? [String: Any],
      let positional = json("args", "[]") as? [Any]
    else {
      throw SeparationError(
        code: .malformed, message: "\(name): its “args” or “kwargs” are not JSON.")
    }
    // Only the sources are ever given by position.
    if let first = positional.first { values["sources"] = first }
    guard positional.count <= 1 else {
      throw SeparationError(
        code: .unsupported, message: "\(name): it has unnamed arguments that are not supported.")
    }
    self.values = values
    self.name = name
  }

  /// The argument of that name, or `standard` where it is not given.
  func value<T>(_ key: String, _ standard: T) throws(SeparationError) -> T {
    try optional(key) ?? standard
  }

  /// The argument of that name; `nil` where it is not given or is null.
  func optional<T>(_ key: String) throws(SeparationError) -> T? {
    guard let any = values[key], !(any is NSNull) else { return nil }
    if let value = Self.plain(any) as? T { return value }
    throw SeparationError(
      code: .malformed, message: "\(name): its argument “\(key)” is not of the right kind.")
  }

  /// Fractions are written as {"_type": "fraction", "numerator": 39, "denominator": 5}.
  private static func plain(_ any: Any) -> Any {
    guard let fields = any as? [String: Any], fields["_type"] as? String == "fraction",
      let numerator = fields["numerator"] as? Double,
      let denominator = fields["denominator"] as? Double, denominator > 0
    else { return any }
    return numerator / denominator
  }

  /// Refuses any value but this one.
  func require<T: Equatable>(_ key: String, _ only: T) throws(SeparationError) {
    if try value(key, only) != only {
      throw unsupported("its argument “\(key)” is not \(only)")
    }
  }

  /// Refuses any value but null, zero and the empty list.
  func requireNone(_ key: String) throws(SeparationError) {
    guard let any = values[key], !(any is NSNull) else { return }
    if let list = any as? [Any], list.isEmpty { return }
    throw unsupported("its argument “\(key)” is set")
  }

  func unsupported(_ why: String) -> SeparationError {
    SeparationError(code: .unsupported, message: "\(name): \(why), which is not supported.")
  }
}
