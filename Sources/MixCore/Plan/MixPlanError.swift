// SPDX-License-Identifier: MIT

/// Why a plan was refused, with the place in it.
public struct MixPlanError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of trouble it is, by what the caller can do about it.
  public enum Code: Sendable, Equatable {
    /// The text is not JSON; the message names line and column.
    case malformed
    /// A value is of the wrong kind, such as a text where a number is expected.
    case wrongKind
    /// A number, or the length of a list, is outside its range.
    case outOfRange
    /// A required key is missing.
    case missing
    /// The plan was written for a later version of this format.
    case unsupportedVersion
    /// Two values contradict each other, such as two tracks of one name.
    case contradiction
    /// A limit of the reader was exceeded.
    case limit
  }

  /// The kind of trouble.
  public let code: Code
  /// The place, such as `tracks[2].compressor.ratio`; empty for the document as a whole.
  public let path: String
  /// What is wrong, as a clause that reads well after "`path`: ".
  public let message: String

  init(_ code: Code, _ message: String, path: String = "") {
    self.code = code
    self.path = path
    self.message = message
  }

  /// The place and the message on one line, such as `tracks[2].compressor.ratio: 0.5 is below 1`.
  public var description: String { path.utf8.isEmpty ? message : "\(path): \(message)" }
}
