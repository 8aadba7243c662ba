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

  /// Throws where a file could not be written at the end of some work.
  ///
  /// - Parameter option: Where its name comes from, such as “--out”.
  static func check(_ file: String, of option: String) throws(CommandError) {
    let path = InputFiles.canonical(file)
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists, status.st_mode & S_IFMT == S_IFDIR {
      throw CommandError(message: "\(option) \(file): it is a folder; name a file.")
    }
    let folder = URL(filePath: path).deletingLastPathComponent().path
    guard exists || access(folder, W_OK) == 0 else {
      throw CommandError(
        message: "\(option) \(file): its folder does not exist or cannot be written to.")
    }
  }
}
