// SPDX-License-Identifier: MIT
import Foundation

/// The built command, run as a child process.
struct Tool {
  struct Result {
    var status: Int32
    var output: String
    var errors: String
  }

  /// The folder that the command works in.
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
    let process = Process()
    private let output: URL
    private let errors: URL

    init(executable: URL, arguments: [String], folder: URL) throws {
      let place = FileManager.default.temporaryDirectory
        .appending(path: "tonmeister-run-\(UUID().uuidString)")
      output = place.appendingPathExtension("out")
      errors = place.appendingPathExtension("err")
      for file in [output, errors] {
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
      }
      process.executableURL = executable
      process.arguments = arguments
      process.currentDirectoryURL = folder
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = try FileHandle(forWritingTo: output)
      process.standardError = try FileHandle(forWritingTo: errors)
      try process.run()
    }

    /// What the command has written to standard error so far.
    var errorsSoFar: String {
      (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
    }

    /// Waits for the end.
    func finish() -> Result {
      process.waitUntilExit()
      defer {
        for file in [output, errors] { try? FileManager.default.removeItem(at: file) }
      }
      return Result(
        // A command that a signal has killed shows as a negative number.
        status: process.terminationReason == .exit
          ? process.terminationStatus : -process.terminationStatus,
        output: (try? String(contentsOf: output, encoding: .utf8)) ?? "", errors: errorsSoFar)
    }
  }
}
