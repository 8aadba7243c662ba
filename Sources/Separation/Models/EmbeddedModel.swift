// SPDX-License-Identifier: MIT
package import Foundation

/// Finds the models that come with the package.
package enum EmbeddedModel {
  /// The folder of resources that the package manager puts beside the program.
  static let bundleName = bundleName(of: "Separation")

  /// The checkpoint of `lite`, where it is.
  static var lite: URL? { file("lite.safetensors", ofTarget: "Separation") }

  private static func bundleName(of target: String) -> String { "tonmeister_\(target).resources" }

  /// A file among the resources of a target, where it is.
  ///
  /// `Bundle.module` would end the program where the folder is missing, so it is looked for here:
  /// beside the program, however that was called, and where an installed copy would lie.
  package static func file(_ name: String, ofTarget target: String) -> URL? {
    folders(bundleName(of: target)).map { $0.appending(path: name) }
      .first { FileManager.default.fileExists(atPath: $0.path) }
  }

  private static func folders(_ bundle: String) -> [URL] {
    let program =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      .map { URL(filePath: $0) } ?? URL(filePath: CommandLine.arguments.first ?? "")
    let beside = program.deletingLastPathComponent()
    return [
      beside.appending(path: bundle),
      beside.appending(path: "../share/tonmeister/models").standardizedFileURL,
      Bundle.main.bundleURL.appending(path: bundle),
    ]
  }
}
