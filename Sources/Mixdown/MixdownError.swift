// SPDX-License-Identifier: MIT
public import Audio
import MixCore

/// Says why a mix or a measurement could not be made, in one sentence for a person.
public struct MixdownError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of problem it was, by what the caller can do about it.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// The code's name in lower camel case.
    public let description: String

    /// The plan is none, or its tracks are not those of the stems.
    public static let plan = Code(description: "plan")
    /// An option lies outside of what it may be.
    public static let invalidOption = Code(description: "invalidOption")
    /// A stem could not be read; `cause` says why.
    public static let input = Code(description: "input")
    /// A file could not be written; `cause` says why where it is an audio file.
    public static let output = Code(description: "output")
    /// The task was cancelled; nothing was left behind.
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

  static let cancelled = MixdownError(code: .cancelled, message: "The mix was cancelled.")

  static func input(_ error: AudioError) -> MixdownError {
    error.code == .cancelled
      ? .cancelled : MixdownError(code: .input, message: error.description, cause: error)
  }

  static func output(_ error: AudioError) -> MixdownError {
    error.code == .cancelled
      ? .cancelled : MixdownError(code: .output, message: error.description, cause: error)
  }

  static func plan(_ error: MixPlanError) -> MixdownError {
    MixdownError(code: .plan, message: "The plan cannot be used: \(error.description).")
  }
}
