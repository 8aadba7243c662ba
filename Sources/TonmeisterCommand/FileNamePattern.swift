// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation

/// The path of a stem below the folder of its model, with placeholders.
struct FileNamePattern: ExpressibleByArgument, Equatable {
  /// The values of the placeholders.
  struct Values {
    var track: String
    var trackExtension: String
    var stem: String
    var fileExtension: String
  }

  /// Demucs' own layout.
  static let standard = FileNamePattern(text: "{track}/{stem}.{ext}")

  private static let placeholders = ["track", "trackext", "stem", "ext"]

  let text: String

  init(text: String) { self.text = text }

  init?(argument: String) { text = argument }

  var defaultValueDescription: String { text }

  /// Whether two songs of different names get different paths.
  var namesTrack: Bool { text.contains("{track}") }

  func validate() throws(CommandError) {
    func fail(_ why: String) -> CommandError {
      CommandError(message: "--filename “\(text)” \(why).")
    }
    guard text.contains("{stem}") else {
      throw fail("must contain {stem}, or the stems overwrite each other")
    }
    guard !text.split(separator: "/").contains("..") else {
      throw fail("must not lead out of the folder by “..”")
    }
    for part in text.split(separator: "{", omittingEmptySubsequences: false).dropFirst() {
      let name = part.prefix { $0 != "}" }
      guard name.count < part.count, Self.placeholders.contains(String(name)) else {
        throw fail(
          "has the placeholder “{\(name)}”; choose among {track}, {trackext}, {stem} and {ext}")
      }
    }
  }

  /// The path for these values, none of which can lead out of the folder.
  func path(_ values: Values) -> String {
    var path = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      path += rest[..<open]
      let value: String
      switch rest[rest.index(after: open)..<close] {
      case "track": value = values.track
      case "trackext": value = values.trackExtension
      case "stem": value = values.stem
      default: value = values.fileExtension
      }
      path += value.replacing("/", with: "_")
      rest = rest[rest.index(after: close)...]
    }
    path += rest
    let components = path.split(separator: "/").map { component in
      component == ".." || component == "." ? "_" : String(component)
    }
    return components.joined(separator: "/")
  }
}
