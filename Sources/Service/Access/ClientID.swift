// SPDX-License-Identifier: MIT
import Foundation
import Separation

/// Who asks: the owner of a token, or everybody on this machine where none is needed.
struct ClientID: Hashable, Sendable, Codable, CustomStringConvertible {
  let description: String

  /// Everybody, where no token is asked for.
  static let local = ClientID(description: "local")

  init(description: String) { self.description = description }

  init(from decoder: any Decoder) throws {
    description = try decoder.singleValueContainer().decode(String.self)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
