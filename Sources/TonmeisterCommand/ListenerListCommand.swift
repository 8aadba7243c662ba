// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// `tonmeister listener list`.
struct ListenerListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the listeners: name, songs, how they are learned from.")

  func run() throws {
    try withListeners { store in
      let console = Console(json: false)
      var rows: [[String]] = []
      for name in store.names() {
        do throws(ListenerStoreError) {
          let listener = try store.listener(named: name)
          rows.append([
            name, "\(max(listener.edits.count, listener.songs.count))", listener.learner.name,
          ])
        } catch {
          rows.append([name, "-", "damaged"])
        }
      }
      if rows.isEmpty {
        console.note("No listener is known in \(store.folder.path).")
        return
      }
      for line in TextTable.lines(header: ["NAME", "SONGS", "LEARNER"], rows: rows) {
        console.say(line)
      }
    }
  }
}
