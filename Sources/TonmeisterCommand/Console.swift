// SPDX-License-Identifier: MIT
import Foundation

/// Prints: results to standard output, everything else to standard error, a line each.
struct Console: Sendable {
  /// Whether standard output is kept for one JSON object.
  let json: Bool

  /// Whether standard error is a terminal.
  var hasTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// A result for a person.
  func say(_ line: String) {
    Self.write(line.onOneLine + "\n", to: json ? STDERR_FILENO : STDOUT_FILENO)
  }

  /// A text of several lines on standard output, as it is.
  func print(_ text: String) {
    Self.write(text.hasSuffix("\n") ? text : text + "\n", to: STDOUT_FILENO)
  }

  /// A remark beside the results.
  func note(_ line: String) { Self.write(line.onOneLine + "\n", to: STDERR_FILENO) }

  /// A warning about a track that is separated all the same.
  func warning(_ message: String) { note("tonmeister: warning: \(message)") }

  /// An error.
  func error(_ message: String) { note("tonmeister: error: \(message)") }

  /// Text on standard error without a line end, for a bar that is drawn over.
  func draw(_ text: String) { Self.write(text, to: STDERR_FILENO) }

  /// An object on standard output.
  func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(value), as: UTF8.self)
    Self.write(text + "\n", to: STDOUT_FILENO)
  }

  /// Writes all of the text; gives up quietly when nobody reads it any more, and ends the program when results
  /// cannot be written, such as on a full disk.
  private static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Foundation.write(
          descriptor, UnsafeBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
          if descriptor == STDOUT_FILENO, errno != EPIPE, errno != EBADF {
            let reason = String(cString: strerror(errno))
            write("tonmeister: error: cannot write the results: \(reason).\n", to: STDERR_FILENO)
            exit(1)
          }
          return
        }
        rest = rest.dropFirst(count)
      }
    }
  }
}

extension String {
  /// The text without control characters, so that a file's name cannot break a line.
  var onOneLine: String {
    String(unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
  }
}
