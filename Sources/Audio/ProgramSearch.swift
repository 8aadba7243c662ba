// SPDX-License-Identifier: MIT
import Glibc

/// Finds other programs.
package enum ProgramSearch {
  /// The absolute path of a program; nil if it is not there.
  ///
  /// - Parameter searchPath: Absolute folders separated by colons; the environment's `PATH` by default.
  package static func find(_ name: String, searchPath: String? = nil) -> String? {
    let folders = searchPath ?? getenv("PATH").map { String(cString: $0) } ?? ""
    return folders.split(separator: ":").lazy
      .filter { $0.hasPrefix("/") }
      .map { "\($0)/\(name)" }
      .first(where: isProgram)
  }

  /// Whether a file can be run.
  package static func isProgram(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && access(path, X_OK) == 0
  }
}
