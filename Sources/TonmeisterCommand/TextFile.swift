// SPDX-License-Identifier: MIT
import Foundation

/// Writes texts that a person asked for.
enum TextFile {
  /// Writes a text with a line end; a file appears when it is complete, a device such as /dev/stdout is written to and
  /// not replaced.
  ///
  /// - Parameter what: Says what it is, for the error.
  static func write(_ text: String, to file: String, what: String) throws(CommandError) {
    var status = stat()
    let isFile = stat(file, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
    do {
      try Data((text.hasSuffix("\n") ? text : text + "\n").utf8)
        .write(to: URL(filePath: file), options: isFile ? .atomic : [])
    } catch {
      throw CommandError(
        message: "\(file): \(what) cannot be written; check the folder and its permissions.")
    }
  }
}
