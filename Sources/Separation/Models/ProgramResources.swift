// SPDX-License-Identifier: MIT
package import Foundation

/// Finds the files that come with the program.
///
/// `Bundle.module` would end the program where its folder is missing, so it is looked for here: beside the program,
/// however that was called, and where an installed copy would lie.
package enum ProgramResources {
  /// The folder of a target's resources that the package manager puts beside the program.
  static func bundleName(of target: String) -> String { "tonmeister_\(target).resources" }

  /// Where the resources of a target can be, the likeliest place first.
  ///
  /// - Parameters:
  ///   - target: As the package calls it.
  ///   - name: What an installed copy is called, below `../share/tonmeister` of the program.
  private static func folders(of target: String, installedAs name: String) -> [URL] {
    let bundle = bundleName(of: target)
    let program =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      .map { URL(filePath: $0) } ?? URL(filePath: CommandLine.arguments.first ?? "")
    let beside = program.deletingLastPathComponent()
    return [
      beside.appending(path: bundle),
      beside.appending(path: "../share/tonmeister/\(name)").standardizedFileURL,
      Bundle.main.bundleURL.appending(path: bundle),
    ]
  }

  /// A file or a folder of a target; nil where the program came without.
  package static func file(_ path: String, of target: String, installedAs name: String) -> URL? {
    folders(of: target, installedAs: name).map { $0.appending(path: path) }
      .first { FileManager.default.fileExists(atPath: $0.path) }
  }
}
