// SPDX-License-Identifier: MIT

/// The named arguments by kind; one that is absent or null has the constructor's default.
extension ModelPackage {
  func boolean(_ key: String, default value: Bool) throws(SeparationError) -> Bool {
    try argument(key, default: value, "true or false") {
      if case .boolean(let value) = $0 { value } else { nil }
    }
  }

  func integer(_ key: String, default value: Int) throws(SeparationError) -> Int {
    try argument(key, default: value, "a whole number") {
      if case .integer(let value) = $0 { value } else { nil }
    }
  }

  /// A finite number; a fraction gives its quotient.
  func number(_ key: String, default value: Double) throws(SeparationError) -> Double {
    try argument(key, default: value, "a finite number") {
      switch $0 {
      case .integer(let value): Double(value)
      case .number(let value) where value.isFinite: value
      case .fraction(let numerator, let denominator): Double(numerator) / Double(denominator)
      default: nil
      }
    }
  }

  /// A list of texts.
  func strings(_ key: String, default value: [String]) throws(SeparationError) -> [String] {
    try argument(key, default: value, "a list of texts") {
      guard case .list(let items) = $0 else { return nil }
      let strings = items.compactMap { if case .string(let value) = $0 { value } else { nil } }
      return strings.count == items.count ? strings : nil
    }
  }

  /// - Parameters:
  ///   - kind: What the argument has to be, in words.
  ///   - read: Gives `nil` for a value of another kind.
  private func argument<Value>(
    _ key: String, default value: Value, _ kind: String, read: (PackageValue) -> Value?
  ) throws(SeparationError) -> Value {
    guard let argument = namedArguments[key], argument != .null else { return value }
    guard let value = read(argument) else {
      throw SeparationError(
        code: .malformed, message: "\(tensors.name): the model's argument “\(key)” is not \(kind).")
    }
    return value
  }
}
