// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// `tonmeister listener`: what is known of a listener's taste.
struct ListenerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "listener", abstract: "Learns how somebody likes mixes, shows and forgets it.",
    discussion: """
      What is learned stays on this machine, below $XDG_DATA_HOME/tonmeister/listeners \
      (~/.local/share), in one JSON file for each listener. It is what was changed about proposed \
      plans, from which the taste is computed whenever it is needed.
      """,
    subcommands: [
      ListenerListCommand.self, ListenerShowCommand.self, ListenerLearnCommand.self,
      ListenerAdviseCommand.self, ListenerExportCommand.self, ListenerImportCommand.self,
      ListenerForgetCommand.self,
    ], defaultSubcommand: ListenerListCommand.self)
}

/// Which listener is meant.
struct ListenerOptions: ParsableArguments {
  @Option(help: "The name of the listener.")
  var listener = "default"
}

/// The song that plans are for.
struct ListenedSongOptions: ParsableArguments {
  @Option(
    help: "The song, whose features are measured; without it only what is liked in general counts.")
  var song: String?

  @Option(help: "The genre of the song, which else is guessed; with --song.")
  var genre: String?

  /// The features; nil without a song.
  func features() throws(CommandError) -> SongFeatures? {
    var known: SongGenre?
    if let genre {
      guard song != nil else { throw CommandError(message: "--genre is for --song; add it.") }
      known = SongGenre(name: genre)
      guard known != nil else {
        let names = SongGenre.allCases.map(\.name).joined(separator: ", ")
        throw CommandError(message: "--genre “\(genre)” is not known; choose one of: \(names).")
      }
    }
    guard let song else { return nil }
    do throws(MixdownError) { return try SongFeatures(path: song, genre: known) } catch {
      throw CommandError(message: error.message)
    }
  }
}

extension ParsableCommand {
  /// Does something with listeners; what goes wrong is told in a line and ends the command with 1.
  func withListeners(_ body: (ListenerStore) throws -> Void) throws {
    do {
      try body(ListenerStore())
    } catch let error as ListenerStoreError {
      Console(json: false).error(error.message)
      throw ExitCode.failure
    } catch let error as CommandError {
      Console(json: false).error(error.message)
      throw ExitCode.failure
    }
  }
}

/// Writes a text to a file, or to standard output without one.
func writeText(_ text: String, to file: String?, console: Console) throws(CommandError) {
  guard let file else {
    console.print(text)
    return
  }
  try TextFile.write(text, to: file, what: "it")
}
