// SPDX-License-Identifier: MIT

/// A checkpoint's constructor arguments.
///
/// Arguments that nobody asks for are ignored: they say how weights began or what training did, or
/// they are left from older versions, and Demucs drops those too.
struct DemucsArguments {
  private let name: String
  private let values: [String: PackageValue]

  init(_ package: ModelPackage) throws(SeparationError) {
    name = package.tensors.name
    var values = package.namedArguments
    // Only the sources are ever given by position.
    if let first = package.arguments.first { values["sources"] = first }
    self.values = values
    guard package.arguments.count <= 1 else {
      throw unsupported("it has unnamed arguments")
    }
  }

  /// The argument of that name, or `standard` where it is not given.
  func value<T>(_ key: String, _ standard: T) throws(SeparationError) -> T {
    try optional(key) ?? standard
  }

  /// The argument of that name; `nil` where it is not given or is null.
  func optional<T>(_ key: String) throws(SeparationError) -> T? {
    guard let value = values[key], value != .null else { return nil }
    if let value: T = Self.convert(value) { return value }
    throw SeparationError(
      code: .malformed, message: "\(name): its argument “\(key)” is not of the right kind.")
  }

  /// The value as a Swift type; whole numbers are numbers, too, and the other way round where exact.
  private static func convert<T>(_ value: PackageValue) -> T? {
    switch value {
    case .null, .dictionary: return nil
    case .boolean(let value): return value as? T
    case .string(let value): return value as? T
    case .integer(let value): return value as? T ?? Double(value) as? T
    case .number(let value): return value as? T ?? Int(exactly: value) as? T
    case .fraction(let numerator, let denominator):
      return Double(numerator) / Double(denominator) as? T
    case .list(let items):
      // Only the sources are a list.
      let strings: [String] = items.compactMap { convert($0) }
      return strings.count == items.count ? strings as? T : nil
    }
  }

  /// Refuses any value but this one.
  func require<T: Equatable>(_ key: String, _ only: T) throws(SeparationError) {
    if try value(key, only) != only {
      throw unsupported("its argument “\(key)” is not \(only)")
    }
  }

  /// Refuses any value but null, zero and the empty list.
  func requireNone(_ key: String) throws(SeparationError) {
    guard let value = values[key], value != .null, value != .list([]) else { return }
    throw unsupported("its argument “\(key)” is set")
  }

  func unsupported(_ why: String) -> SeparationError {
    SeparationError(code: .unsupported, message: "\(name): \(why), which is not supported.")
  }
}
