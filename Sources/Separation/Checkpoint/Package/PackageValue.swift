// SPDX-License-Identifier: MIT

/// An argument of a network's constructor.
enum PackageValue: Sendable, Equatable {
  case null
  case boolean(Bool)
  /// A whole number, whether it was written `1` or `1.0`: JSON's readers do not tell them apart.
  case integer(Int)
  case number(Double)
  case string(String)
  case list([PackageValue])
  case dictionary([String: PackageValue])
  /// The denominator is positive.
  case fraction(numerator: Int, denominator: Int)

  init(_ number: Double) {
    self = Int(exactly: number).map { .integer($0) } ?? .number(number)
  }
}

extension PackageValue: Decodable {
  /// Deeper than the arguments of any network.
  private static let maximumDepth = 32

  /// Reads JSON; a fraction is `{"_type": "fraction", "numerator": 39, "denominator": 5}` as
  /// Demucs' own export has it.
  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard decoder.codingPath.count <= Self.maximumDepth else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "The arguments are nested too deep.")
    }
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self.init(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if decoder.isList {
      self = .list(try container.decode([PackageValue].self))
    } else {
      let values = try container.decode([String: PackageValue].self)
      guard values["_type"] == .string("fraction") else {
        self = .dictionary(values)
        return
      }
      guard case .integer(let numerator) = values["numerator"],
        case .integer(let denominator) = values["denominator"], denominator > 0
      else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "A fraction is wrong.")
      }
      self = .fraction(numerator: numerator, denominator: denominator)
    }
  }
}

extension Decoder {
  fileprivate var isList: Bool { (try? unkeyedContainer()) != nil }
}
