// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation

/// A number for one track, “bass=-2”.
struct TrackValue: ExpressibleByArgument, Sendable, Equatable {
  let track: String
  let value: Double

  init?(argument: String) {
    // The last equals sign: names of files may have some too.
    guard let sign = argument.lastIndex(of: "="), sign > argument.startIndex,
      let value = Double(argument[argument.index(after: sign)...]), value.isFinite
    else { return nil }
    track = String(argument[..<sign])
    self.value = value
  }
}
