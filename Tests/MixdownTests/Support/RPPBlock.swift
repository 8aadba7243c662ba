// SPDX-License-Identifier: MIT

/// A block of a REAPER project, read line by line: `<TAG …` opens, a lone `>` closes.
struct RPPBlock {
  var words: [String]
  var lines: [[String]] = []
  var blocks: [RPPBlock] = []

  var tag: String { words.first ?? "" }

  func line(_ name: String) -> [String]? { lines.first { $0.first == name } }

  func blocks(_ tag: String) -> [RPPBlock] { blocks.filter { $0.tag == tag } }

  static func parse(_ text: String) -> RPPBlock? {
    var open: [RPPBlock] = []
    for line in text.split(separator: "\n") {
      let line = line.drop { $0 == " " }
      if line == ">" {
        guard let last = open.popLast() else { return nil }
        if open.isEmpty { return last }
        open[open.count - 1].blocks.append(last)
      } else if line.first == "<" {
        open.append(RPPBlock(words: words(line.dropFirst())))
      } else {
        guard !open.isEmpty else { return nil }
        open[open.count - 1].lines.append(words(line))
      }
    }
    return nil
  }

  /// Words between spaces; one that begins with a quotation mark goes on to the next of its kind.
  private static func words(_ line: Substring) -> [String] {
    var words: [String] = []
    var rest = line[...]
    while let first = rest.first {
      if first == " " {
        rest = rest.dropFirst()
      } else if "\"'`".contains(first) {
        let word = rest.dropFirst().prefix { $0 != first }
        words.append(String(word))
        rest = rest.dropFirst(word.count + 2)
      } else {
        let word = rest.prefix { $0 != " " }
        words.append(String(word))
        rest = rest.dropFirst(word.count)
      }
    }
    return words
  }
}
