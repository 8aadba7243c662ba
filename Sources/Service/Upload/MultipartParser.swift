// SPDX-License-Identifier: MIT
import Foundation

/// Takes a body of `multipart/form-data` apart as it arrives (RFC 7578, RFC 2046 §5.1).
///
/// Memory does not depend on the length of the parts. Whatever the bytes, it ends with `finished` or throws.
struct MultipartParser {
  /// What was found.
  enum Event: Equatable {
    case began(MultipartHead)
    /// Some bytes of the part that has begun.
    case data([UInt8])
    case ended
    /// The last boundary; what follows is no part of the form.
    case finished
  }

  private enum State {
    case preamble, afterBoundary, head, body, finished
  }

  /// The longest boundary of RFC 2046.
  static let longestBoundary = 70
  /// The longest head of a part, in bytes.
  static let longestHead = 8 << 10
  /// The most parts.
  static let maximumCount = 64

  private let delimiter: [UInt8]
  private var state = State.preamble
  // The line break in front lets the first boundary, at the very beginning, look like all others.
  private var buffer: [UInt8] = [0x0D, 0x0A]
  private var count = 0

  /// Whether the last boundary was there.
  var isFinished: Bool { state == .finished }

  /// - Parameter boundary: As the Content-Type has it.
  /// - Throws: `malformed`.
  init(boundary: String) throws(ServiceError) {
    let isVisible = boundary.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    guard !boundary.isEmpty, boundary.utf8.count <= Self.longestBoundary, isVisible else {
      throw ServiceError(.malformed, "The boundary of the form is none that RFC 2046 allows.")
    }
    delimiter = Array("\r\n--\(boundary)".utf8)
  }

  /// Takes the next bytes.
  ///
  /// - Throws: `malformed`, `tooLarge`, and what `handle` throws.
  mutating func feed(
    _ bytes: some Sequence<UInt8>, _ handle: (Event) throws(ServiceError) -> Void
  ) throws(ServiceError) {
    buffer += bytes
    while try step(handle) {}
  }

  /// One step; false where more bytes are needed.
  private mutating func step(
    _ handle: (Event) throws(ServiceError) -> Void
  ) throws(ServiceError) -> Bool {
    switch state {
    case .preamble:
      guard let found = find(delimiter) else {
        // A form whose first boundary does not come is none.
        guard buffer.count <= Self.longestHead else { throw malformed("its boundary is missing") }
        return false
      }
      buffer.removeFirst(found + delimiter.count)
      state = .afterBoundary
      return true
    case .afterBoundary: return try endOfBoundary(handle)
    case .head: return try head(handle)
    case .body: return try body(handle)
    case .finished:
      buffer.removeAll()
      return false
    }
  }

  /// Behind a boundary: two hyphens where it is the last, else spaces and a line break.
  private mutating func endOfBoundary(
    _ handle: (Event) throws(ServiceError) -> Void
  ) throws(ServiceError) -> Bool {
    guard buffer.count >= 2 else { return false }
    if buffer[0] == 0x2D, buffer[1] == 0x2D {
      state = .finished
      try handle(.finished)
      return true
    }
    guard let found = find([0x0D, 0x0A]) else {
      guard buffer.count <= Self.longestBoundary else { throw malformed("a boundary has no end") }
      return false
    }
    guard buffer[..<found].allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else {
      throw malformed("something follows a boundary")
    }
    // The line break stays: a head without a line then ends like all others.
    buffer.removeFirst(found)
    state = .head
    return true
  }

  private mutating func head(
    _ handle: (Event) throws(ServiceError) -> Void
  ) throws(ServiceError) -> Bool {
    guard let found = find([0x0D, 0x0A, 0x0D, 0x0A]) else {
      guard buffer.count <= Self.longestHead else {
        throw malformed("the head of a part is too long")
      }
      return false
    }
    guard found <= Self.longestHead else { throw malformed("the head of a part is too long") }
    count += 1
    guard count <= Self.maximumCount else {
      throw ServiceError(.tooLarge, "The form has more than \(Self.maximumCount) parts.")
    }
    let head = try MultipartHead(lines: String(decoding: buffer[..<found], as: UTF8.self))
    buffer.removeFirst(found + 4)
    state = .body
    try handle(.began(head))
    return true
  }

  private mutating func body(
    _ handle: (Event) throws(ServiceError) -> Void
  ) throws(ServiceError) -> Bool {
    if let found = find(delimiter) {
      if found > 0 { try handle(.data(Array(buffer[..<found]))) }
      buffer.removeFirst(found + delimiter.count)
      state = .afterBoundary
      try handle(.ended)
      return true
    }
    // The end may be the beginning of a boundary.
    let safe = buffer.count - (delimiter.count - 1)
    if safe > 0 {
      try handle(.data(Array(buffer[..<safe])))
      buffer.removeFirst(safe)
    }
    return false
  }

  /// Where a pattern begins.
  private func find(_ pattern: [UInt8]) -> Int? {
    let last = buffer.count - pattern.count
    return buffer.withUnsafeBytes { bytes in
      var start = 0
      while start <= last, let base = bytes.baseAddress {
        guard let found = memchr(base + start, Int32(pattern[0]), last - start + 1) else { break }
        start = base.distance(to: UnsafeRawPointer(found))
        if memcmp(base + start, pattern, pattern.count) == 0 { return start }
        start += 1
      }
      return nil
    }
  }

  private func malformed(_ what: String) -> ServiceError {
    ServiceError(.malformed, "The form cannot be read: \(what).")
  }
}

/// What a part of a form says of itself.
struct MultipartHead: Equatable {
  /// The name of the field.
  let name: String
  /// The name of the file, where it is one.
  let fileName: String?

  init(name: String, fileName: String? = nil) {
    self.name = name
    self.fileName = fileName
  }

  /// Reads the lines of a head.
  ///
  /// - Throws: `malformed` where the field has no name.
  init(lines: String) throws(ServiceError) {
    for line in lines.split(separator: "\r\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "content-disposition" else { continue }
      let disposition = HeaderParameters(parts[1])
      guard disposition.value == "form-data", let name = disposition["name"] else { break }
      self.init(name: name, fileName: disposition["filename"])
      return
    }
    throw ServiceError(.malformed, "The form cannot be read: a part has no name.")
  }
}
