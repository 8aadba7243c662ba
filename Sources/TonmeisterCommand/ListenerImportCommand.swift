// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// `tonmeister listener import`.
struct ListenerImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Takes over a listener from a file.",
    discussion: """
      The file is what “listener export” writes, or an object with what pages keep in the \
      browser: userModel_NAME, audioMixSongs and museTheme. With weights in it, such a listener \
      begins with the network.
      """)

  @Argument(help: "The file.")
  var file: String

  @Option(help: "The name to give to the listener; by default that of the file's content.")
  var listener: String?

  @Option(help: "Whose data to take, where a page has that of several.")
  var user: String?

  @Flag(help: "Write over a listener of that name.")
  var replace = false

  func run() throws {
    try withListeners { store in
      var imported = try ListenerStore.read(URL(filePath: file), user: user)
      if let listener {
        _ = try store.file(of: listener)
        imported = imported.renamed(listener)
      }
      try store.add(imported, replacing: replace)
      let count = max(imported.edits.count, imported.songs.count)
      Console(json: false).say("\(imported.name): \(count) \(count == 1 ? "song" : "songs")")
    }
  }
}
