// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Service

@Suite struct QueueOrderTests {
  private func entries(_ clients: String) -> [QueueOrder.Entry] {
    clients.map {
      QueueOrder.Entry(
        id: JobID(), client: ClientID(description: String($0)), kind: .separation,
        audioSeconds: 60)
    }
  }

  private func order(_ clients: String, lastBegun: [Character: Double] = [:]) -> String {
    let dates = lastBegun.map {
      (ClientID(description: String($0.key)), Date(timeIntervalSince1970: $0.value))
    }
    return QueueOrder(
      waiting: entries(clients), lastBegun: Dictionary(uniqueKeysWithValues: dates)
    ).entries.map(\.client.description).joined()
  }

  @Test func clientsTakeTurns() {
    #expect(order("aaaab") == "abaaa")
    #expect(order("aabbcc") == "abcabc")
    #expect(order("") == "")
  }

  @Test func whoWasBegunLongestAgoIsNext() {
    #expect(order("ab", lastBegun: ["a": 5]) == "ba")
    #expect(order("abc", lastBegun: ["a": 5, "b": 3]) == "cba")
  }

  @Test func aPlaceIsThatInTheOrder() {
    let waiting = entries("aab")
    let order = QueueOrder(waiting: waiting, lastBegun: [:])
    #expect(waiting.map { order.position(of: $0.id) } == [1, 3, 2])
    #expect(order.position(of: JobID()) == nil)
  }
}
