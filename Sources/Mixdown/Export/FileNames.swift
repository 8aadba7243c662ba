// SPDX-License-Identifier: MIT

/// Gives tracks file names that every system takes, each once.
struct FileNames {
  /// The most bytes of a name without its ending.
  private static let maximumByteCount = 120
  /// Names that Windows keeps for devices.
  private static let reserved: Set<String> = Set(
    ["con", "prn", "aux", "nul"] + (1...9).flatMap { ["com\($0)", "lpt\($0)"] })

  private var taken: Set<String> = []

  /// A name for a track called `name`, without ending.
  ///
  /// What a file system does not take becomes “_”; a name that another track has gets a number behind it.
  mutating func claim(_ name: String) -> String {
    let plain = Self.safe(name)
    var candidate = plain
    var number = 2
    while !taken.insert(candidate.lowercased()).inserted {
      candidate = "\(plain) \(number)"
      number += 1
    }
    return candidate
  }

  /// The name without what a file system does not take.
  static func safe(_ name: String) -> String {
    let forbidden: Set<Unicode.Scalar> = [
      "/", "\\", ":", "*", "?", "\"", "<", ">", "|", "\u{FFFD}",
    ]
    var scalars = String.UnicodeScalarView()
    for scalar in name.unicodeScalars {
      let kind = scalar.properties.generalCategory
      let isBad =
        forbidden.contains(scalar) || kind == .control || kind == .lineSeparator
        || kind == .paragraphSeparator
      scalars.append(isBad ? "_" : scalar)
    }
    var text = String(scalars)
    while text.utf8.count > maximumByteCount { text.removeLast() }
    while let last = text.last, last == " " || last == "." { text.removeLast() }
    while let first = text.first, first == " " || first == "." { text.removeFirst() }
    if text.isEmpty { text = "track" }
    return reserved.contains(text.lowercased()) ? "\(text)_" : text
  }
}
