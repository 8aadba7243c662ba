// SPDX-License-Identifier: MIT
import Foundation

/// Finds the checkpoints that come with the package.
enum EmbeddedModel {
  /// The folder of resources that the package manager puts beside the program.
  static let bundleName = "tonmeister_Separation.resources"

  /// The checkpoint of `lite`, where it is.
  ///
  /// `Bundle.module` would end the program where the folder is missing, so it is looked for here:
  /// beside the program, however that was called, and where an installed copy would lie.
  static var lite: URL? {
    folders.map { $0.appending(path: "lite.safetensors") }
      .first { FileManager.default.fileExists(atPath: $0.path) }
  }

  private static var folders: [URL] {
    let program =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      .map { URL(filePath: $0) } ?? URL(filePath: CommandLine.arguments.first ?? "")
    let beside = program.deletingLastPathComponent()
    return [
      beside.appending(path: bundleName),
      beside.appending(path: "../share/tonmeister/models").standardizedFileURL,
      Bundle.main.bundleURL.appending(path: bundleName),
    ]
  }
}
