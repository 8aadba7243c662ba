// SPDX-License-Identifier: MIT

/// Something about a file that did not stop it from being read but that its owner should know.
public struct AudioWarning: Sendable, Equatable, CustomStringConvertible {
  /// What was found.
  public enum Kind: Sendable, Equatable {
    /// The file ends before its header says it does, or is damaged from there on.
    case truncated
    /// So many samples were NaN, infinite or absurdly large and were read as 0.
    case nonFiniteSamples(count: Int)
  }

  /// What was found.
  public let kind: Kind
  /// The file concerned, as the caller named it.
  public let path: String
  /// What was found and what was done about it, on one line and without the path.
  public let message: String

  /// Makes a warning; `message` is a clause that reads well after "`path`: ".
  public init(kind: Kind, path: String, message: String) {
    self.kind = kind
    self.path = path
    self.message = message.onOneLine
  }

  /// The path and the message on one line.
  public var description: String { "\(path.onOneLine): \(message)" }
}
