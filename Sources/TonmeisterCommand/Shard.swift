// SPDX-License-Identifier: MIT
import ArgumentParser

/// One of several equal parts of a list of songs, such as 3/16: the third song and every sixteenth behind it.
struct Shard: ExpressibleByArgument, Sendable, Equatable {
  static let all = Shard(number: 1, count: 1)

  /// 1…count.
  let number: Int
  let count: Int

  private init(number: Int, count: Int) {
    self.number = number
    self.count = count
  }

  /// Reads “3/16”.
  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1], count >= 1,
      (1...count).contains(number)
    else { return nil }
    self.init(number: number, count: count)
  }

  var defaultValueDescription: String { "\(number)/\(count)" }

  /// Whether the song at a position, from 0, belongs to it.
  func contains(_ position: Int) -> Bool { position % count == number - 1 }
}
