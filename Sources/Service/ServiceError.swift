// SPDX-License-Identifier: MIT

/// Says why the service cannot do what was asked, in one sentence for a person.
public struct ServiceError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of problem it was, by what the caller can do about it.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// The code's name in lower camel case.
    public let description: String

    /// The request cannot be understood.
    public static let malformed = Code(description: "malformed")
    /// There is no valid token with the request.
    public static let unauthenticated = Code(description: "unauthenticated")
    /// The request comes from somewhere that may not ask.
    public static let forbidden = Code(description: "forbidden")
    /// There is no such thing.
    public static let notFound = Code(description: "notFound")
    /// The thing is there, but cannot be asked this.
    public static let methodNotAllowed = Code(description: "methodNotAllowed")
    /// The request came too slowly.
    public static let timeout = Code(description: "timeout")
    /// The thing is in another state than this needs.
    public static let conflict = Code(description: "conflict")
    /// The thing was there and is no longer.
    public static let gone = Code(description: "gone")
    /// The request is larger than is taken.
    public static let tooLarge = Code(description: "tooLarge")
    /// The bytes are nothing that can be read.
    public static let unsupported = Code(description: "unsupported")
    /// The file has no such bytes.
    public static let unsatisfiableRange = Code(description: "unsatisfiableRange")
    /// The request is meant for another host.
    public static let misdirected = Code(description: "misdirected")
    /// The request is understood, and a value in it cannot be used.
    public static let invalid = Code(description: "invalid")
    /// Too much is asked for at this time.
    public static let busy = Code(description: "busy")
    /// The service cannot work at this time.
    public static let unavailable = Code(description: "unavailable")
    /// There is no space left for the result.
    public static let full = Code(description: "full")
    /// Something failed that should not.
    public static let failed = Code(description: "failed")
    /// The work was cancelled.
    public static let cancelled = Code(description: "cancelled")
  }

  /// The kind of problem.
  public let code: Code
  /// One sentence that names what was wrong and the remedy.
  public let message: String
  /// What the log says beside it, and clients need not know.
  public let detail: String?
  /// After how many seconds it is worth asking again, where that is known.
  public let retryAfterSeconds: Int?
  /// What the thing can be asked, for `methodNotAllowed`.
  let allowedMethods: String?
  /// The length of the file, for `unsatisfiableRange`.
  let byteCount: Int?

  /// Creates an error from its code and its sentence.
  public init(
    _ code: Code, _ message: String, detail: String? = nil, retryAfterSeconds: Int? = nil
  ) {
    self.init(
      code, message, detail: detail, retryAfterSeconds: retryAfterSeconds, allowed: nil,
      byteCount: nil)
  }

  private init(
    _ code: Code, _ message: String, detail: String? = nil, retryAfterSeconds: Int?,
    allowed: String?, byteCount: Int?
  ) {
    self.code = code
    self.message = message
    self.detail = detail
    self.retryAfterSeconds = retryAfterSeconds
    self.allowedMethods = allowed
    self.byteCount = byteCount
  }

  /// The sentence, and the detail.
  public var description: String { message + (detail.map { " (\($0))" } ?? "") }

  static let cancelled = ServiceError(.cancelled, "The work was cancelled.")

  static let shutsDown = ServiceError(
    .unavailable, "The service shuts down; try again in a moment.")

  /// Also for what belongs to somebody else: whether it exists is not told.
  static func noJob(_ id: String) -> ServiceError {
    ServiceError(.notFound, "There is no job of this identifier; see GET /v1/jobs.")
  }

  static func methodNotAllowed(_ allowed: String) -> ServiceError {
    ServiceError(
      .methodNotAllowed, "This can only be asked with \(allowed).", retryAfterSeconds: nil,
      allowed: allowed, byteCount: nil)
  }

  static func unsatisfiableRange(byteCount: Int) -> ServiceError {
    ServiceError(
      .unsatisfiableRange, "The file has \(byteCount) bytes, and none of those asked for.",
      retryAfterSeconds: nil, allowed: nil, byteCount: byteCount)
  }
}
