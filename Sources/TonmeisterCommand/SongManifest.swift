// SPDX-License-Identifier: MIT
import Foundation

/// A list of songs in a file: CSV (RFC 4180) whose first line has the column `path`, or a path in each line.
struct SongManifest {
  /// As they are written, those that do not begin at the root from the folder of the manifest on.
  let paths: [String]

  private static let column = "path"

  /// - Throws: Where the file cannot be read, is no text, or names no song.
  init(file: String) throws(CommandError) {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw CommandError(message: "--manifest \(file): it cannot be read; check the name.")
    }
    guard var text = String(validating: data, as: UTF8.self), !text.contains("\0") else {
      throw CommandError(
        message: "--manifest \(file): it is no text in UTF-8; name a CSV file or a list of paths.")
    }
    if text.hasPrefix("\u{FEFF}") { text.removeFirst() }
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let header = lines.first.flatMap { try? Self.rows(String($0), file: file).first }
    let names = (header ?? []).map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
    let songs: [String]
    if let column = names.firstIndex(of: Self.column) {
      let rows = try Self.rows(text, file: file).dropFirst().filter { $0 != [""] }
      songs = rows.map { $0.indices.contains(column) ? $0[column] : "" }
      if let place = songs.firstIndex(of: "") {
        throw CommandError(message: "--manifest \(file): song \(place + 1) has no path.")
      }
    } else {
      songs = lines.map(String.init).filter { !$0.isEmpty }
    }
    let folder = URL(filePath: file).deletingLastPathComponent().relativePath
    let paths = songs.map { $0.hasPrefix("/") || folder == "." ? $0 : "\(folder)/\($0)" }
    guard !paths.isEmpty else {
      throw CommandError(message: "--manifest \(file): it names no song.")
    }
    self.paths = paths
  }

  /// The fields of each line; quoted ones may hold commas, line ends and, doubled, quotes.
  private static func rows(_ text: String, file: String) throws(CommandError) -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var field = ""
    var isQuoted = false
    var characters = text[...]
    while let character = characters.popFirst() {
      switch character {
      case "\"" where isQuoted && characters.first == "\"":
        field.append("\"")
        characters.removeFirst()
      case "\"" where isQuoted || field.isEmpty: isQuoted.toggle()
      case _ where isQuoted: field.append(character)
      case ",":
        row.append(field)
        field = ""
      case "\n", "\r\n", "\r":
        rows.append(row + [field])
        (row, field) = ([], "")
      default: field.append(character)
      }
    }
    guard !isQuoted else {
      throw CommandError(
        message: "--manifest \(file): a quotation mark is opened and never closed.")
    }
    if !row.isEmpty || !field.isEmpty { rows.append(row + [field]) }
    return rows
  }
}
