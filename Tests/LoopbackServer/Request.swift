// SPDX-License-Identifier: MIT
import Foundation

extension LoopbackServer {
  /// The head of a request.
  public struct Request: Sendable {
    public let method: String
    public let path: String
    /// By their names in lower case.
    public let headers: [String: String]

    /// Where the range that is asked for begins.
    public var rangeStart: Int? {
      guard let range = headers["range"], range.hasPrefix("bytes="), range.hasSuffix("-") else {
        return nil
      }
      return Int(range.dropFirst("bytes=".count).dropLast())
    }

    init?(readingFrom connection: Int32) {
      var bytes: [UInt8] = []
      var byte: UInt8 = 0
      while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
        guard bytes.count < 65_536, recv(connection, &byte, 1, 0) == 1 else { return nil }
        bytes.append(byte)
      }
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
      let words = lines.first?.split(separator: " ") ?? []
      guard words.count == 3 else { return nil }
      method = String(words[0])
      path = String(words[1])
      var headers: [String: String] = [:]
      for line in lines.dropFirst() {
        guard let colon = line.firstIndex(of: ":") else { continue }
        headers[line[..<colon].lowercased()] = String(
          line[line.index(after: colon)...].drop { $0 == " " })
      }
      self.headers = headers
    }
  }
}
