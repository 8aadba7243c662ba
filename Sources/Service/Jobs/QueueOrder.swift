// SPDX-License-Identifier: MIT
import Foundation

/// The order in which waiting jobs are begun: clients take turns.
///
/// Next is the first job of the client who has been begun for the longest time ago, or never; so one
/// who sends a hundred songs does not keep another with one song waiting for more than one.
struct QueueOrder: Sendable {
  /// What the order depends on.
  struct Entry: Sendable, Equatable {
    let id: JobID
    let client: ClientID
    let kind: JobKind
    let audioSeconds: Double
  }

  /// The jobs in the order in which they will be begun.
  let entries: [Entry]

  /// - Parameters:
  ///   - waiting: In the order of their arrival.
  ///   - lastBegun: When a job of a client was last begun.
  init(waiting: [Entry], lastBegun: [ClientID: Date]) {
    var queues: [(client: ClientID, rest: ArraySlice<Entry>)] = []
    for entry in waiting {
      if let index = queues.firstIndex(where: { $0.client == entry.client }) {
        queues[index].rest.append(entry)
      } else {
        queues.append((entry.client, [entry]))
      }
    }
    // Who came first goes first among those who were begun at the same time, or never.
    let order = queues.indices.sorted { a, b in
      let first = lastBegun[queues[a].client] ?? .distantPast
      let second = lastBegun[queues[b].client] ?? .distantPast
      return first == second ? a < b : first < second
    }
    var entries: [Entry] = []
    while entries.count < waiting.count {
      for index in order {
        if let next = queues[index].rest.popFirst() { entries.append(next) }
      }
    }
    self.entries = entries
  }

  /// The place of a job from 1; nil where it does not wait.
  func position(of id: JobID) -> Int? {
    entries.firstIndex { $0.id == id }.map { $0 + 1 }
  }
}
