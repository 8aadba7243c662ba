// SPDX-License-Identifier: MIT
public import Audio

/// Says why a track could not be separated, in one sentence for a person.
public struct SeparationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of problem it was, by what the caller can do about it.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// The code's name in lower camel case.
    public let description: String

    /// No model of that name is known or installed.
    public static let unknownModel = Code(description: "unknownModel")
    /// The model has no stem of that name.
    public static let unknownStem = Code(description: "unknownStem")
    /// The checkpoint's bytes are not what its format demands.
    public static let malformed = Code(description: "malformed")
    /// The checkpoint or the option is well formed and not supported.
    public static let unsupported = Code(description: "unsupported")
    /// An option lies outside of what it may be.
    public static let invalidOption = Code(description: "invalidOption")
    /// The track could not be read; `cause` says why.
    public static let input = Code(description: "input")
    /// A stem could not be written; `cause` says why where an audio file was written.
    public static let output = Code(description: "output")
    /// A limit on size was exceeded.
    public static let limit = Code(description: "limit")
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

  static let cancelled = SeparationError(
    code: .cancelled, message: "The separation was cancelled.")

  /// The error behind a network's status; `nil` where that is 0.
  init?(networkStatus: Int32) {
    if networkStatus == 0 { return nil }
    self.init(
      code: .limit,
      message: "The network could not be run (oneDNN's status code is \(networkStatus)); "
        + "there may be too little memory.")
  }

  static func input(_ error: AudioError) -> SeparationError {
    error.code == .cancelled
      ? .cancelled : SeparationError(code: .input, message: error.description, cause: error)
  }

  static func output(_ error: AudioError) -> SeparationError {
    error.code == .cancelled
      ? .cancelled : SeparationError(code: .output, message: error.description, cause: error)
  }
}
