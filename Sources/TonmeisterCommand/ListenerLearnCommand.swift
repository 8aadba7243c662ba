// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// `tonmeister listener learn`.
struct ListenerLearnCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learn",
    abstract: "Learns from a plan that was proposed and the plan that was kept.",
    discussion: """
      The plan proposed has to be that of the automatic mix, before the listener's taste changed \
      it. A song that was learned before, by its title, is replaced.
      """)

  @OptionGroup var options: ListenerOptions

  @Option(help: "The plan that was proposed.")
  var proposed: String

  @Option(help: "The plan that was kept.")
  var kept: String

  @OptionGroup var song: ListenedSongOptions

  @Option(help: "The title of the song; by default the name of its file.")
  var title: String?

  @Option(help: "How to learn from now on: “residual” or “network”.")
  var learner: String?

  func run() throws {
    try withListeners { store in
      let console = Console(json: false)
      let chosen = learner.flatMap { Listener.Learner(name: $0) }
      if let learner, chosen == nil {
        throw CommandError(
          message: "--learner “\(learner)” is not known; choose one of: residual, network.")
      }
      // The plans first: measuring a song takes longer.
      let (before, after) = (try PlanOptions.read(proposed), try PlanOptions.read(kept))
      let name = song.song.map { URL(filePath: $0).deletingPathExtension().lastPathComponent }
      let edit = MixEdit(
        proposed: before, kept: after, title: title ?? name ?? "", features: try song.features(),
        role: StemKind.role)
      guard !edit.stems.isEmpty else {
        throw CommandError(
          message: "\(kept): has no track of \(proposed) that can be heard; nothing was learned.")
      }
      let listener = try store.update(options.listener) { listener in
        if let chosen { listener.choose(chosen) }
        listener.learn(edit)
      }
      let count = listener.edits.count
      console.say(
        "\(listener.name): learned \(edit.stems.map(\.name).joined(separator: ", ")); "
          + "\(count) \(count == 1 ? "song" : "songs") so far")
    }
  }
}
