// SPDX-License-Identifier: MIT
import Foundation

/// A list of songs in a file: CSV (RFC 4180) with the column `path`, or a path in each line.
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
    var rows = try Self.rows(text, file: file)
    var column = 0
    if let header = rows.first?.map({ $0.trimmingCharacters(in: .whitespaces).lowercased() }),
      header.count > 1 || header == [Self.column]
    {
      guard let place = header.firstIndex(of: Self.column) else {
        throw CommandError(
          message: "--manifest \(file): its first line names no column “\(Self.column)”; "
            + "write the columns' names there, or nothing but a path in each line.")
      }
      column = place
      rows.removeFirst()
    }
    let folder = URL(filePath: file).deletingLastPathComponent().relativePath
    var paths: [String] = []
    for (index, row) in rows.enumerated() where row != [""] {
      guard row.indices.contains(column), !row[column].isEmpty else {
        throw CommandError(message: "--manifest \(file): song \(index + 1) has no path.")
      }
      let path = row[column]
      paths.append(path.hasPrefix("/") || folder == "." ? path : "\(folder)/\(path)")
    }
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
