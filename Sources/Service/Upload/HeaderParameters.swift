// SPDX-License-Identifier: MIT

/// A header value with parameters, `form-data; name="file"`: a word, then names and values.
struct HeaderParameters: Equatable {
  /// The word, in lower case.
  let value: String
  private var parameters: [String: String] = [:]

  /// Reads what can be understood of it.
  init(_ text: some StringProtocol) {
    var rest = Substring(text)
    value = Self.word(&rest, until: ";").lowercased()
    while !rest.isEmpty {
      rest.removeFirst()  // the semicolon
      let name = Self.word(&rest, until: "=;").lowercased()
      guard rest.first == "=" else { continue }
      rest.removeFirst()
      let skipped = rest.drop { $0 == " " || $0 == "\t" }
      let value: String
      if skipped.first == "\"" {
        rest = skipped.dropFirst()
        value = Self.quoted(&rest)
        _ = Self.word(&rest, until: ";")
      } else {
        value = Self.word(&rest, until: ";")
      }
      if parameters[name] == nil, !name.isEmpty { parameters[name] = value }
    }
  }

  /// The value of a parameter, whose name is in lower case.
  subscript(name: String) -> String? { parameters[name] }

  private static func word(_ rest: inout Substring, until ends: String) -> String {
    let word = rest.prefix { !ends.contains($0) }
    rest = rest[word.endIndex...]
    var trimmed = word.drop { $0 == " " || $0 == "\t" }
    while let last = trimmed.last, last == " " || last == "\t" { trimmed.removeLast() }
    return String(trimmed)
  }

  /// Browsers write a quotation mark as %22; others put a backslash before it.
  private static func quoted(_ rest: inout Substring) -> String {
    var text = ""
    while let next = rest.popFirst() {
      if next == "\"" { break }
      if next == "\\", let following = rest.first, following == "\"" || following == "\\" {
        text.append(following)
        rest.removeFirst()
      } else {
        text.append(next)
      }
    }
    return text.replacing("%22", with: "\"")
  }
}
