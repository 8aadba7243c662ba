// SPDX-License-Identifier: MIT
import Foundation
import HTTPTypes
import Hummingbird
import Separation

/// A strong entity tag: it changes whenever the bytes do (RFC 9110 §8.8.3).
struct EntityTag: Equatable, Sendable {
  /// With its quotation marks.
  let text: String

  /// Of what these parts stand for.
  init(_ parts: [String]) {
    text = "\"\(ContentKey("etag", parts).description.prefix(32))\""
  }

  /// Of bytes.
  init(bytes: [UInt8]) {
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update($0) }
    text = "\"\(hash.digest().hexadecimal.prefix(32))\""
  }

  /// Whether an If-None-Match names it; weakly, as the RFC has it for this header.
  func isListed(in header: String?) -> Bool {
    guard let header else { return false }
    if header.trimmingSpaces == "*" { return true }
    return header.split(separator: ",").contains { item in
      let item = item.trimmingSpaces
      return (item.hasPrefix("W/") ? item.dropFirst(2) : item) == text
    }
  }

  /// Whether an If-Range, where there is one, means this very version; a date never does.
  func allowsRange(_ header: String?) -> Bool {
    header.map { $0.trimmingSpaces == text } ?? true
  }
}
