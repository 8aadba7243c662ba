// SPDX-License-Identifier: MIT
public import Foundation
import Separation

/// Remembers which licences were accepted, in a file of dates by identifier.
public struct AcceptedLicences: Sendable {
  /// The file, which need not exist.
  public let file: URL

  /// By default `$XDG_STATE_HOME/tonmeister/licences.json`.
  public init(file: URL = Self.standardFile) { self.file = file }

  /// `$XDG_STATE_HOME/tonmeister/licences.json`, by default below `~/.local/state`.
  public static var standardFile: URL { StandardFolders.state.appending(path: "licences.json") }

  /// Whether the licence has been accepted before.
  public func contains(_ licence: Licence) -> Bool { dates[licence.identifier] != nil }

  /// Remembers that the licence was accepted on `date`.
  public func insert(_ licence: Licence, date: Date) throws(ModelStoreError) {
    var dates = dates
    dates[licence.identifier] = date.formatted(.iso8601)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    do {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try encoder.encode(dates).write(to: file, options: .atomic)
    } catch {
      throw ModelStoreError(
        code: .io,
        message: "\(file.path): the acceptance cannot be remembered: "
          + "\(String(cString: strerror(error.systemNumber))); it will be asked for again.")
    }
  }

  private var dates: [String: String] {
    guard let data = try? Data(contentsOf: file) else { return [:] }
    return (try? JSONDecoder().decode([String: String].self, from: data)) ?? [:]
  }
}
