// SPDX-License-Identifier: MIT

/// The identifier of a job: 32 hexadecimal digits that nobody can guess.
struct JobID: Hashable, Sendable, Codable, CustomStringConvertible {
  let description: String

  /// A new one.
  init() {
    var generator = SystemRandomNumberGenerator()
    description = [generator.next(), generator.next()].map(Self.hex).joined()
  }

  /// One that a client sent; nil where it cannot be one.
  init?(_ text: some StringProtocol) {
    let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) }
    guard text.utf8.count == 32, text.utf8.allSatisfy(isDigit) else { return nil }
    description = String(text)
  }

  init(from decoder: any Decoder) throws {
    description = try decoder.singleValueContainer().decode(String.self)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  private static func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
