// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation

/// A stem on the command line: a file, or `track=file` where the track is called otherwise.
struct StemArgument: ExpressibleByArgument, Sendable, Equatable {
  let track: String
  let path: String

  init(track: String, path: String) {
    self.track = track
    self.path = path
  }

  init(argument: String) {
    // A name before the equals sign, unless that is part of the file's own name. With a slash in the name, the
    // file behind it has to be there.
    let files = FileManager.default
    if let sign = argument.firstIndex(of: "="), sign > argument.startIndex,
      !files.fileExists(atPath: argument),
      !argument[..<sign].contains("/")
        || files.fileExists(atPath: String(argument[argument.index(after: sign)...]))
    {
      track = String(argument[..<sign])
      path = String(argument[argument.index(after: sign)...])
    } else {
      track = URL(filePath: argument).deletingPathExtension().lastPathComponent
      path = argument
    }
  }
}
