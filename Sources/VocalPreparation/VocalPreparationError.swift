// SPDX-License-Identifier: MIT
public import Audio

/// Says why a take could not be prepared or a backing not be changed, in one sentence for a person.
public struct VocalPreparationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of problem it was, by what the caller can do about it.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// The code's name in lower camel case.
    public let description: String

    /// An option lies outside of what it may be.
    public static let invalidOption = Code(description: "invalidOption")
    /// The take or the backing could not be read, or is too short; `cause` says why.
    public static let input = Code(description: "input")
    /// The result could not be written; `cause` says why.
    public static let output = Code(description: "output")
    /// The take is longer than what can be prepared, or a program took too long.
    public static let limit = Code(description: "limit")
    /// A program is needed that is not installed.
    public static let programMissing = Code(description: "programMissing")
    /// A program failed.
    public static let programFailed = Code(description: "programFailed")
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

  static let cancelled = VocalPreparationError(
    code: .cancelled, message: "The preparation was cancelled.")

  static func input(_ error: AudioError) -> VocalPreparationError {
    error.code == .cancelled
      ? .cancelled : VocalPreparationError(code: .input, message: error.description, cause: error)
  }

  static func output(_ error: AudioError) -> VocalPreparationError {
    error.code == .cancelled
      ? .cancelled : VocalPreparationError(code: .output, message: error.description, cause: error)
  }
}
