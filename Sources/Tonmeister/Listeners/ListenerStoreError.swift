// SPDX-License-Identifier: MIT

/// Says why a listener could not be read or written, in one sentence for a person.
public struct ListenerStoreError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of problem it was, by what the caller can do about it.
  public enum Code: Sendable, Equatable {
    /// The name cannot be that of a listener.
    case name
    /// There is no such listener.
    case notFound
    /// There is a listener of that name already.
    case exists
    /// The document cannot be understood; it is left as it is.
    case damaged
    /// The file system refused.
    case io
  }

  /// The kind of problem.
  public let code: Code
  /// One sentence that names what was wrong and the remedy.
  public let message: String

  /// The sentence.
  public var description: String { message }
}
