// SPDX-License-Identifier: MIT
import ArgumentParser
import Tonmeister

/// `tonmeister listener export`.
struct ListenerExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Prints all that is known of a listener as JSON.")

  @OptionGroup var options: ListenerOptions

  @Option(name: .shortAndLong, help: "Write it to this file.")
  var out: String?

  func run() throws {
    try withListeners { store in
      let text = try store.listener(named: options.listener).text
      try writeText(text, to: out, console: Console(json: false))
    }
  }
}
