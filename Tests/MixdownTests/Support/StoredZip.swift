// SPDX-License-Identifier: MIT
import Foundation

/// Reads a ZIP archive of stored members from its directory (PKWARE APPNOTE 6.3.10), checking everything that
/// is there twice.
struct StoredZip {
  struct Malformed: Error { var what: String }

  /// The members in the order of the directory.
  private(set) var members: [(name: String, bytes: [UInt8])] = []

  subscript(name: String) -> [UInt8]? { members.first { $0.name == name }?.bytes }

  init(_ bytes: [UInt8]) throws {
    func number(_ offset: Int, _ count: Int) -> Int {
      (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
    let end = bytes.count - 22
    guard end >= 0, number(end, 4) == 0x0605_4B50, number(end + 20, 2) == 0 else {
      throw Malformed(what: "end")
    }
    var place = number(end + 16, 4)
    guard place + number(end + 12, 4) == end else { throw Malformed(what: "directory") }
    var next = 0
    for _ in 0..<number(end + 10, 2) {
      guard number(place, 4) == 0x0201_4B50 else { throw Malformed(what: "entry") }
      let nameLength = number(place + 28, 2)
      let local = number(place + 42, 4)
      guard local == next, number(local, 4) == 0x0403_4B50 else { throw Malformed(what: "gap") }
      // From the version to the length of the extra field, both headers agree.
      guard bytes[place + 6..<place + 32].elementsEqual(bytes[local + 4..<local + 30]) else {
        throw Malformed(what: "headers differ")
      }
      let size = number(place + 20, 4)
      guard number(place + 10, 2) == 0, size == number(place + 24, 4) else {
        throw Malformed(what: "method")
      }
      let body = local + 30 + nameLength + number(local + 28, 2)
      let contents = Array(bytes[body..<body + size])
      guard Self.checksum(contents) == UInt32(number(place + 16, 4)) else {
        throw Malformed(what: "checksum")
      }
      let name = String(decoding: bytes[place + 46..<place + 46 + nameLength], as: UTF8.self)
      members.append((name, contents))
      next = body + size
      place += 46 + nameLength + number(place + 30, 2) + number(place + 32, 2)
    }
    guard next == number(end + 16, 4) else { throw Malformed(what: "rest") }
  }

  /// ITU-T V.42, 8.1.1.6.2, with a table of four bits.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    let table: [UInt32] = (0..<16).map { nibble in
      (0..<4).reduce(UInt32(nibble)) { value, _ in
        value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
      }
    }
    var state = ~UInt32(0)
    for byte in bytes {
      state = state >> 4 ^ table[Int((state ^ UInt32(byte)) & 15)]
      state = state >> 4 ^ table[Int((state ^ UInt32(byte >> 4)) & 15)]
    }
    return ~state
  }
}
