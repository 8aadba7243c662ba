// SPDX-License-Identifier: MIT

/// The part of a file that a request asks for, after RFC 9110 §14.
enum ByteRange: Equatable {
  /// All of it: nothing was asked for, or nothing that has to be understood.
  case all
  /// Some bytes, both ends included, within the file.
  case part(ClosedRange<Int>)
  /// None of the bytes asked for is there.
  case unsatisfiable

  /// Reads a Range header for a file of so many bytes.
  ///
  /// What is malformed, another unit, and several ranges at a time are answered with all of the file, as the RFC
  /// allows.
  init(_ header: String?, byteCount: Int) {
    self = .all
    guard let header, let equals = header.firstIndex(of: "="),
      header[..<equals].trimmingSpaces.lowercased() == "bytes"
    else { return }
    let set = header[header.index(after: equals)...].trimmingSpaces
    guard !set.contains(","), let hyphen = set.firstIndex(of: "-") else { return }
    let (first, last) = (set[..<hyphen], set[set.index(after: hyphen)...])
    if first.isEmpty {
      // The last so many bytes.
      guard let count = Self.number(last) else { return }
      guard count > 0, byteCount > 0 else {
        self = .unsatisfiable
        return
      }
      self = .part(max(0, byteCount - count)...byteCount - 1)
      return
    }
    guard let start = Self.number(first) else { return }
    var end = Int.max
    if !last.isEmpty {
      guard let number = Self.number(last), number >= start else { return }
      end = number
    }
    self = start < byteCount ? .part(start...min(end, byteCount - 1)) : .unsatisfiable
  }

  /// A number of digits only; one too large to be meant is the largest.
  private static func number(_ text: Substring) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text) ?? .max
  }
}

extension StringProtocol {
  /// The text without spaces and tabs at its ends.
  var trimmingSpaces: Substring {
    var text = Substring(self)
    while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
  }
}
