// SPDX-License-Identifier: MIT

/// Why a file could not be read or written, in words for a person.
public struct AudioError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of trouble it was, by what the caller can do about it.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    /// The name of the code, as it appears in reports.
    public let description: String

    /// There is no such file or folder.
    public static let notFound = Code(description: "notFound")
    /// The file has no bytes, or holds no audio at all.
    public static let empty = Code(description: "empty")
    /// The file holds something else than audio.
    public static let notAudio = Code(description: "notAudio")
    /// The file is audio of a known kind, but its contents contradict themselves.
    public static let malformed = Code(description: "malformed")
    /// The file is sound but asks for something that is not supported.
    public static let unsupported = Code(description: "unsupported")
    /// The file needs `ffmpeg`, which is not installed.
    public static let ffmpegMissing = Code(description: "ffmpegMissing")
    /// The disk or the operating system failed.
    public static let io = Code(description: "io")
    /// There is no space left to write to.
    public static let diskFull = Code(description: "diskFull")
    /// The file or folder may not be read or written.
    public static let permission = Code(description: "permission")
    /// A limit of this library was exceeded.
    public static let limit = Code(description: "limit")
    /// The task that was reading was cancelled.
    public static let cancelled = Code(description: "cancelled")
  }

  /// The kind of trouble.
  public let code: Code
  /// The file concerned, as the caller named it.
  public let path: String
  /// What is wrong and what to do about it, on one line and without the path.
  public let message: String

  /// Makes an error; `message` is a clause that reads well after "`path`: ".
  public init(code: Code, path: String, message: String) {
    self.code = code
    self.path = path
    self.message = message.onOneLine
  }

  /// The path and the message on one line.
  public var description: String { "\(path.onOneLine): \(message)" }
}

extension String {
  /// The text with every control character replaced, so that it stays on one line of a terminal.
  var onOneLine: String {
    let isControl = { (scalar: Unicode.Scalar) in scalar.properties.generalCategory == .control }
    guard unicodeScalars.contains(where: isControl) else { return self }
    return String(String.UnicodeScalarView(unicodeScalars.map { isControl($0) ? " " : $0 }))
  }
}
