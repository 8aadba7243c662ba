// SPDX-License-Identifier: MIT
import Foundation

/// The built command, run as a child process.
struct Tool {
  struct Result {
    var status: Int32
    var output: String
    var errors: String
  }

  /// The folder that the command works in, and keeps its cache and state in.
  let folder: URL

  /// The executable lies beside the test bundle.
  static var executable: URL {
    let bundle =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(filePath: bundle).deletingLastPathComponent().appending(path: "tonmeister")
  }

  /// Runs the command to its end.
  func run(_ arguments: String...) throws -> Result {
    try run(executable: Self.executable, arguments)
  }

  /// Runs any program to its end.
  func run(executable: URL, _ arguments: [String]) throws -> Result {
    let child = try Child(executable: executable, arguments: arguments, folder: folder)
    return child.finish()
  }

  /// Starts the command.
  func start(_ arguments: String...) throws -> Child {
    try Child(executable: Self.executable, arguments: arguments, folder: folder)
  }

  /// A running command; what it prints goes to files, so that it never waits for a reader.
  struct Child {
    let identifier: pid_t
    private let output: URL
    private let errors: URL

    init(executable: URL, arguments: [String], folder: URL) throws {
      let place = FileManager.default.temporaryDirectory
        .appending(path: "tonmeister-run-\(UUID().uuidString)")
      output = place.appendingPathExtension("out")
      errors = place.appendingPathExtension("err")
      // The shell changes the folder and the streams, then becomes the command.
      let script = """
        cd "$1" && out=$2 err=$3 && shift 3 && exec "$@" </dev/null >"$out" 2>"$err"
        """
      let words =
        [
          "sh", "-c", script, "sh", folder.path, output.path, errors.path, "/usr/bin/env",
          "XDG_CACHE_HOME=\(folder.path)/cache", "XDG_STATE_HOME=\(folder.path)/state",
          "XDG_DATA_HOME=\(folder.path)/data",
          executable.path,
        ] + arguments
      var pointers = words.map { strdup($0) } + [nil]
      defer { for pointer in pointers { free(pointer) } }
      var identifier: pid_t = 0
      let status = posix_spawn(&identifier, "/bin/sh", nil, nil, &pointers, environ)
      guard status == 0 else { throw POSIXError(.init(rawValue: status) ?? .EINVAL) }
      self.identifier = identifier
    }

    /// What the command has written to standard error so far.
    var errorsSoFar: String {
      (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
    }

    /// Waits for the end.
    func finish() -> Result {
      var status: Int32 = 0
      while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
      defer {
        for file in [output, errors] { try? FileManager.default.removeItem(at: file) }
      }
      let signal = status & 0x7f
      return Result(
        // A command that a signal has killed shows as a negative number.
        status: signal == 0 ? (status >> 8) & 0xff : -signal,
        output: (try? String(contentsOf: output, encoding: .utf8)) ?? "", errors: errorsSoFar)
    }
  }
}
