// SPDX-License-Identifier: MIT
import Foundation
import Separation

/// Stands for the bytes and settings that a result depends on: 64 hexadecimal digits.
///
/// Results are kept under their keys, so that the same work is never done twice.
struct ContentKey: Hashable, Sendable, Codable, CustomStringConvertible {
  let description: String

  /// The key of a kind of work and everything that changes its result, in a fixed order.
  init(_ kind: String, _ parts: [String]) {
    var hash = SHA256()
    for part in [kind] + parts {
      // The length in front keeps “ab”, “c” apart from “a”, “bc”.
      Array("\(part.utf8.count):\(part)".utf8).withUnsafeBytes { hash.update($0) }
    }
    description = hash.digest().hexadecimal
  }

  /// A key as it was kept.
  init(stored description: String) { self.description = description }

  init(from decoder: any Decoder) throws {
    description = try decoder.singleValueContainer().decode(String.self)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
