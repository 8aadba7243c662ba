// SPDX-License-Identifier: MIT

/// The named arguments by kind; one that is absent or null has the constructor's default.
extension ModelPackage {
  func boolean(_ key: String, default value: Bool) throws(SeparationError) -> Bool {
    switch namedArguments[key] {
    case nil, .null: return value
    case .boolean(let value): return value
    default: throw wrongKind(key, "true or false")
    }
  }

  func integer(_ key: String, default value: Int) throws(SeparationError) -> Int {
    switch namedArguments[key] {
    case nil, .null: return value
    case .integer(let value): return value
    default: throw wrongKind(key, "a whole number")
    }
  }

  /// A finite number; a fraction gives its quotient.
  func number(_ key: String, default value: Double) throws(SeparationError) -> Double {
    switch namedArguments[key] {
    case nil, .null: return value
    case .integer(let value): return Double(value)
    case .number(let value) where value.isFinite: return value
    case .fraction(let numerator, let denominator): return Double(numerator) / Double(denominator)
    default: throw wrongKind(key, "a finite number")
    }
  }

  func string(_ key: String, default value: String) throws(SeparationError) -> String {
    switch namedArguments[key] {
    case nil, .null: return value
    case .string(let value): return value
    default: throw wrongKind(key, "a text")
    }
  }

  /// A list of texts.
  func strings(_ key: String, default value: [String]) throws(SeparationError) -> [String] {
    guard let argument = namedArguments[key], argument != .null else { return value }
    guard case .list(let items) = argument else { throw wrongKind(key, "a list of texts") }
    var strings: [String] = []
    for item in items {
      guard case .string(let string) = item else { throw wrongKind(key, "a list of texts") }
      strings.append(string)
    }
    return strings
  }

  private func wrongKind(_ key: String, _ kind: String) -> SeparationError {
    SeparationError(
      code: .malformed, message: "\(tensors.name): the model's argument “\(key)” is not \(kind).")
  }
}
