// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation

/// A stem on the command line: a file, or `track=file` where the track is called otherwise.
struct StemArgument: ExpressibleByArgument, Sendable, Equatable {
  let track: String
  let path: String

  init(argument: String) {
    // A name before the equals sign, unless that is part of the file's own name.
    if let sign = argument.firstIndex(of: "="), sign > argument.startIndex,
      !argument[..<sign].contains("/"), !FileManager.default.fileExists(atPath: argument)
    {
      track = String(argument[..<sign])
      path = String(argument[argument.index(after: sign)...])
    } else {
      track = URL(filePath: argument).deletingPathExtension().lastPathComponent
      path = argument
    }
  }
}
