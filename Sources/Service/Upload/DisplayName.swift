// SPDX-License-Identifier: MIT

/// Names that clients give: shown to people and offered for downloads, never used as a path.
enum DisplayName {
  /// The most bytes of a name.
  static let longest = 200

  /// The last part of a path of any system, on one line, not too long.
  static func clean(_ name: String, default fallback: String = "audio") -> String {
    let last = name.split(omittingEmptySubsequences: true) { $0 == "/" || $0 == "\\" }.last ?? ""
    var text = String.UnicodeScalarView()
    for scalar in last.unicodeScalars {
      switch scalar.properties.generalCategory {
      // Also what turns the direction of writing, by which an ending can hide.
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned,
        .privateUse:
        continue
      default: text.append(scalar)
      }
    }
    var cleaned = String(text)
    while cleaned.utf8.count > longest { cleaned.removeLast() }
    while cleaned.first == " " || cleaned.first == "." { cleaned.removeFirst() }
    while cleaned.last == " " { cleaned.removeLast() }
    return cleaned.isEmpty ? fallback : cleaned
  }

  /// A cleaned name without its ending.
  static func stem(of name: String) -> String {
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex,
      name.distance(from: dot, to: name.endIndex) <= 6
    else { return name }
    return String(name[..<dot])
  }
}
