// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// `tonmeister listener advise`.
struct ListenerAdviseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "advise", abstract: "Changes a proposed plan to a listener's taste.",
    discussion: "Every change says in the plan why it was made. Without -o the plan is printed.")

  @Argument(help: "The plan that was proposed.")
  var plan: String

  @OptionGroup var options: ListenerOptions

  @OptionGroup var song: ListenedSongOptions

  @Option(name: .shortAndLong, help: "The file of the changed plan.")
  var out: String?

  func run() throws {
    try withListeners { store in
      let console = Console(json: true)
      let listener = try store.listener(named: options.listener)
      let proposed = try PlanOptions.read(plan)
      let features = try song.features()
      if listener.learner == .network, features == nil {
        console.warning("the network needs the song; name it with --song")
      }
      let advised = listener.advise(proposed, for: features, role: StemKind.role)
      try writeText(advised.text, to: out, console: console)
      let old = Set(proposed.explanation)
      for line in advised.explanation where !old.contains(line) { console.note("  " + line) }
    }
  }
}
