// SPDX-License-Identifier: MIT

/// The header `Content-Range: bytes 100-199/200` (RFC 9110, 14.4).
struct ContentRange: Equatable {
  let first: Int
  let last: Int
  /// The size of the whole file, where the server says it.
  let total: Int?

  init?(_ text: String) {
    let parts = text.split(separator: " ")
    guard parts.count == 2, parts[0].lowercased() == "bytes" else { return nil }
    let halves = parts[1].split(separator: "/")
    guard halves.count == 2 else { return nil }
    let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = Int(ends[0]), let last = Int(ends[1]), first >= 0,
      last >= first
    else { return nil }
    total = Int(halves[1])
    if let total, total <= last { return nil }
    guard total != nil || halves[1] == "*" else { return nil }
    self.first = first
    self.last = last
  }
}
