// SPDX-License-Identifier: MIT
public import Audio
import MixCore

/// Says why no mix could be proposed, in one sentence for a person.
public struct AutoMixError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of problem it was, by what the caller can do about it.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// The code's name in lower camel case.
    public let description: String

    /// An option lies outside of what it may be, or there is nothing to mix.
    public static let invalidOption = Code(description: "invalidOption")
    /// A stem could not be read; `cause` says why.
    public static let input = Code(description: "input")
    /// A learned model, or the state of learning one, is damaged, missing or of something else.
    public static let model = Code(description: "model")
    /// A file could not be written.
    public static let output = Code(description: "output")
    /// The task was cancelled.
    public static let cancelled = Code(description: "cancelled")
  }

  /// The kind of problem.
  public let code: Code
  /// One sentence that names what was wrong and the remedy.
  public let message: String
  /// The error of the audio file behind this one.
  public let cause: AudioError?

  /// Creates an error from its code and its sentence.
  public init(code: Code, message: String, cause: AudioError? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// The sentence.
  public var description: String { message }

  static func input(_ error: AudioError) -> AutoMixError {
    error.code == .cancelled
      ? AutoMixError(code: .cancelled, message: "The analysis was cancelled.")
      : AutoMixError(code: .input, message: error.description, cause: error)
  }
}
