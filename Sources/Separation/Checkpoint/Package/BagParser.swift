// SPDX-License-Identifier: MIT

/// A key of a bag's file and its value.
struct BagEntry {
  let key: String
  let line: Int
  let value: BagValue
}

/// A value in a bag's file.
struct BagValue {
  enum Kind {
    case plain(String)
    case quoted(String)
    case list([BagValue])
  }

  let kind: Kind
  let line: Int
}

/// Reads the part of YAML 1.2 that Demucs' bags are written in: keys without quotes at the start of
/// a line, and for each a word, a word in quotes, `null`, a list in brackets or a list of dashes.
///
/// Section numbers are those of the YAML specification, revision 1.2.2.
struct BagParser {
  /// Lists within lists within lists are more than a bag has.
  private static let maximumDepth = 4

  private let bytes: [UInt8]
  private var position = 0
  private var lineStart = 0
  private var line = 1

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The whole file.
  mutating func parse() throws(BagError) -> [BagEntry] {
    var entries: [BagEntry] = []
    if bytes.starts(with: "---".utf8) {
      position = 3
      try endLine()
    }
    try skipEmptyLines()
    while position < bytes.count {
      guard column == 0 else { throw error("unexpected indentation") }
      let start = line
      let key = word()
      guard !key.isEmpty, current == UInt8(ascii: ":") else {
        throw error("a key and a colon are needed")
      }
      position += 1
      entries.append(BagEntry(key: key, line: start, value: try value()))
      try skipEmptyLines()
    }
    return entries
  }

  /// What follows a key's colon: a value in the same line, or one in the lines after it.
  private mutating func value() throws(BagError) -> BagValue {
    let hasSpace = current == UInt8(ascii: " ")
    skipSpaces()
    if !isAtLineEnd {
      guard hasSpace else { throw error("a space is needed after the colon") }
      return try flowValueAndLineEnd()
    }
    let start = line
    try endLine()
    try skipEmptyLines()
    if isAtDash { return try blockList(depth: 1) }
    if position < bytes.count, column > 0 { return try flowValueAndLineEnd() }
    return BagValue(kind: .plain("null"), line: start)
  }

  // MARK: - Block style (8.2.1)

  /// A list of dashes that are all in the current column.
  private mutating func blockList(depth: Int) throws(BagError) -> BagValue {
    guard depth <= Self.maximumDepth else { throw error("lists are nested too deep") }
    let start = line
    let listColumn = column
    var items: [BagValue] = []
    while isAtDash, column == listColumn {
      position += 1
      skipSpaces()
      if isAtDash {
        // A list of dashes that begins in the same line (8.2.1, compact).
        items.append(try blockList(depth: depth + 1))
      } else if !isAtLineEnd {
        items.append(try flowValueAndLineEnd())
      } else {
        try endLine()
        try skipEmptyLines()
        guard position < bytes.count, column > listColumn else { throw error("an item is empty") }
        items.append(
          isAtDash ? try blockList(depth: depth + 1) : try flowValueAndLineEnd())
      }
      try skipEmptyLines()
    }
    return BagValue(kind: .list(items), line: start)
  }

  /// Whether a dash that stands for an item is next.
  private var isAtDash: Bool {
    guard current == UInt8(ascii: "-") else { return false }
    let next = position + 1
    return next == bytes.count || [0x20, 0x0a, 0x0d].contains(bytes[next])
  }

  // MARK: - Flow style (7.4)

  private mutating func flowValueAndLineEnd() throws(BagError) -> BagValue {
    let value = try flowValue(depth: 1)
    skipSpaces()
    guard isAtLineEnd else { throw error("unexpected \(shown) after a value") }
    try endLine()
    return value
  }

  private mutating func flowValue(depth: Int) throws(BagError) -> BagValue {
    let start = line
    switch current {
    case UInt8(ascii: "["):
      return BagValue(kind: .list(try flowList(depth: depth)), line: start)
    case UInt8(ascii: "'"), UInt8(ascii: "\""):
      return BagValue(kind: .quoted(try quotedWord()), line: start)
    default:
      let text = word()
      guard !text.isEmpty else { throw error("unexpected \(shown) instead of a value") }
      return BagValue(kind: .plain(text), line: start)
    }
  }

  /// Items with commas between them and, if one likes, after the last.
  private mutating func flowList(depth: Int) throws(BagError) -> [BagValue] {
    guard depth <= Self.maximumDepth else { throw error("lists are nested too deep") }
    position += 1
    var items: [BagValue] = []
    while true {
      try skipEmptyLines()
      if current == UInt8(ascii: "]") { break }
      items.append(try flowValue(depth: depth + 1))
      try skipEmptyLines()
      if current == UInt8(ascii: "]") { break }
      guard current == UInt8(ascii: ",") else {
        throw error("unexpected \(shown) instead of a comma or “]”")
      }
      position += 1
    }
    position += 1
    return items
  }

  /// A word in quotes in which nothing has to be escaped.
  private mutating func quotedWord() throws(BagError) -> String {
    let quote = bytes[position]
    position += 1
    let text = word()
    guard current == quote else { throw error("unexpected \(shown) within quotes") }
    position += 1
    return text
  }

  // MARK: - Characters

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }
  private var column: Int { position - lineStart }

  /// Whether the line has nothing more but a comment.
  private var isAtLineEnd: Bool {
    guard let current else { return true }
    return current == 0x0a || current == 0x0d || isAtComment
  }

  /// Whether a comment begins here (6.6): at the start of the line or behind a space.
  private var isAtComment: Bool {
    current == UInt8(ascii: "#") && (column == 0 || bytes[position - 1] == 0x20)
  }

  /// The letters, digits and signs that names and numbers consist of, up to the first other one.
  private mutating func word() -> String {
    let rest = bytes[position...]
    let text = rest.prefix { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        || "_.+-".utf8.contains(byte)
    }
    position += text.count
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func skipSpaces() {
    while current == 0x20 { position += 1 }
  }

  /// Goes to the next line; only a comment may be left in this one.
  private mutating func endLine() throws(BagError) {
    skipSpaces()
    if isAtComment {
      while let byte = current, byte != 0x0a, byte != 0x0d { position += 1 }
    }
    if current == 0x0d { position += 1 }
    guard let byte = current else { return }
    guard byte == 0x0a else { throw error("unexpected \(shown)") }
    position += 1
    line += 1
    lineStart = position
  }

  /// Goes to the next value, which may be in this line.
  private mutating func skipEmptyLines() throws(BagError) {
    skipSpaces()
    while position < bytes.count, isAtLineEnd {
      try endLine()
      skipSpaces()
    }
  }

  private func error(_ reason: String) -> BagError { BagError(line: line, reason: reason) }

  /// The next character for messages.
  private var shown: String {
    guard let current else { return "end of the file" }
    return (0x21...0x7e).contains(current)
      ? "“\(Character(Unicode.Scalar(current)))”" : "byte \(current)"
  }
}
