// SPDX-License-Identifier: MIT

/// The name or address of a host, without its port, in lower case.
struct HostName: Hashable, Sendable {
  let text: String

  /// From a name, an address, or the contents of a Host header, `name:port` or `[::1]:port`.
  init(_ text: some StringProtocol) {
    var name = text.lowercased()
    if name.hasPrefix("["), let end = name.firstIndex(of: "]") {
      name = String(name[name.index(after: name.startIndex)..<end])
    } else if let colon = name.firstIndex(of: ":"), name.lastIndex(of: ":") == colon {
      name = String(name[..<colon])
    }
    // The dot of the root is no part of the name.
    if name.hasSuffix("."), name.count > 1 { name.removeLast() }
    self.text = name
  }

  /// As it stands in a URL: an address of IPv6 in brackets.
  var urlText: String { text.contains(":") ? "[\(text)]" : text }

  /// Whether it always means this very machine.
  var isLoopback: Bool {
    if text == "localhost" || text == "::1" { return true }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}

/// Where a page comes from: `https://name:port`, in lower case.
struct Origin: Hashable, Sendable {
  let text: String
  /// The name and, where it is not the usual one, the port, as in a Host header.
  let authority: String

  /// From the contents of an Origin header; nil where that is `null` or no origin.
  init?(_ text: some StringProtocol) {
    let text = text.lowercased()
    for scheme in ["http://", "https://"] where text.hasPrefix(scheme) {
      let authority = text.dropFirst(scheme.count)
      let isPlain = authority.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5B, 0x5D: true
        default: false
        }
      }
      guard !authority.isEmpty, isPlain else { return nil }
      self.text = text
      self.authority = String(authority)
      return
    }
    return nil
  }
}
