// SPDX-License-Identifier: MIT

/// Says why a model could not be fetched, checked or removed, in one sentence for a person.
public struct ModelStoreError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of problem it was, by what the caller can do about it.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// The code's name in lower camel case.
    public let description: String

    /// The catalogue has no model of that name.
    public static let unknownModel = Code(description: "unknownModel")
    /// The model has not been fetched.
    public static let notInstalled = Code(description: "notInstalled")
    /// The server cannot be reached, or the connection was lost too often.
    public static let network = Code(description: "network")
    /// The server does not have the file, does not give it, or answers nonsense.
    public static let server = Code(description: "server")
    /// A file is not what it has to be.
    public static let damaged = Code(description: "damaged")
    /// No space is left.
    public static let diskFull = Code(description: "diskFull")
    /// A folder or file may not be written.
    public static let permission = Code(description: "permission")
    /// A file is larger than any model.
    public static let limit = Code(description: "limit")
    /// The file system refuses for another reason.
    public static let io = Code(description: "io")
    /// The task was cancelled; what had arrived is kept.
    public static let cancelled = Code(description: "cancelled")

    /// The disk is slower than the network: what has not been written has to be asked for again.
    static let lagging = Code(description: "lagging")
    /// What is there does not fit what the server has: the download has to begin anew.
    static let restart = Code(description: "restart")
  }

  /// The kind of problem.
  public let code: Code
  /// One sentence that names what was wrong and the remedy.
  public let message: String
  /// Whether the same request may succeed a little later.
  var isTransient = false
  /// How many seconds the server asks to wait.
  var retryAfterSeconds: Double?

  /// Creates an error from its code and its sentence.
  public init(code: Code, message: String) {
    self.code = code
    self.message = message
  }

  /// The sentence.
  public var description: String { message }

  /// The task was cancelled.
  public static let cancelled = ModelStoreError(
    code: .cancelled,
    message: "The download was interrupted; the same command goes on where it stopped.")
}
