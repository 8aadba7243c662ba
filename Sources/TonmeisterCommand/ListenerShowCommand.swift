// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// `tonmeister listener show`.
struct ListenerShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows what was learned of a listener.",
    discussion: """
      A line for each stem and quantity that the next plan is changed in, with the standard \
      deviation of the taste. Below three songs nothing is changed.
      """)

  @OptionGroup var options: ListenerOptions

  @OptionGroup var song: ListenedSongOptions

  @Flag(help: "Print a JSON object.")
  var json = false

  private struct Report: Encodable {
    struct Row: Encodable {
      var stem: String
      var quantity: String
      var change: Double
      var standardDeviation: Double
      var songs: Int
    }

    var name: String
    var learner: String
    var songs: Int
    var preferences: [Row]
  }

  func run() throws {
    try withListeners { store in
      let console = Console(json: false)
      let listener = try store.listener(named: options.listener)
      let features = try song.features()
      let learner = ResidualLearner(listener.edits)
      var rows: [Report.Row] = []
      var lines: [[String]] = []
      for stem in learner.stems {
        for quantity in TasteQuantity.allCases {
          guard let taste = learner.preference(quantity, of: stem, in: features) else { continue }
          rows.append(
            Report.Row(
              stem: stem, quantity: quantity.key, change: taste.change,
              standardDeviation: taste.standardDeviation, songs: taste.songCount))
          lines.append([
            stem, quantity.key, String(format: "%+.2f", taste.change),
            String(format: "%.2f", taste.standardDeviation), "\(taste.songCount)",
          ])
        }
      }
      let count = max(listener.edits.count, listener.songs.count)
      if json {
        try console.printJSON(
          Report(
            name: listener.name, learner: listener.learner.name, songs: count, preferences: rows))
        return
      }
      console.say(
        "\(listener.name): \(count) \(count == 1 ? "song" : "songs"), learner "
          + listener.learner.name)
      if listener.learner == .network {
        console.say("The network sets the faders of songs; below is what is known besides.")
      }
      guard !lines.isEmpty else {
        console.say(
          count < 3 ? "Nothing is changed yet; it takes three songs." : "No taste stands out yet.")
        return
      }
      for line in TextTable.lines(
        header: ["STEM", "QUANTITY", "CHANGE", "±", "SONGS"], rows: lines)
      {
        console.say(line)
      }
    }
  }
}
