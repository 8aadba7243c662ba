// SPDX-License-Identifier: MIT
import ArgumentParser
import Tonmeister

/// `tonmeister listener forget`.
struct ListenerForgetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget", abstract: "Forgets a listener, or one song of theirs.")

  @OptionGroup var options: ListenerOptions

  @Option(help: "Forget only what was learned from the song of this title.")
  var title: String?

  func run() throws {
    try withListeners { store in
      let console = Console(json: false)
      guard let title else {
        try store.forget(options.listener)
        console.say("\(options.listener): forgotten")
        return
      }
      _ = try store.listener(named: options.listener)
      var wasKnown = false
      try store.update(options.listener) { wasKnown = $0.forget(title: title) }
      guard wasKnown else {
        throw CommandError(
          message: "\(options.listener): nothing was learned from a song “\(title)”.")
      }
      console.say("\(options.listener): forgot “\(title)”")
    }
  }
}
