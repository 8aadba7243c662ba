// SPDX-License-Identifier: MIT

/// A box of an MP4 file (ISO/IEC 14496-12, 4.2), with its contents in memory.
struct MP4Box: Equatable {
  /// The boxes that are opened; all others are kept as they are.
  private static let containers: Set<String> = ["moov", "trak", "mdia", "minf", "stbl"]
  /// How deep containers may lie in each other.
  private static let maximumDepth = 8

  var type: String
  /// The contents; empty where there are children.
  var payload: [UInt8] = []
  var children: [MP4Box]?

  /// Reads the boxes that fill `bytes`; nil where they do not.
  static func parse(_ bytes: ArraySlice<UInt8>, depth: Int = 0) -> [MP4Box]? {
    guard depth < maximumDepth else { return nil }
    var boxes: [MP4Box] = []
    var rest = bytes
    while !rest.isEmpty {
      guard let header = MP4BoxHeader(rest, remaining: rest.count),
        header.byteCount <= rest.count
      else { return nil }
      let contents = rest.dropFirst(header.headerByteCount)
        .prefix(header.byteCount - header.headerByteCount)
      var box = MP4Box(type: header.type)
      if containers.contains(header.type) {
        guard let children = parse(contents, depth: depth + 1) else { return nil }
        box.children = children
      } else {
        box.payload = Array(contents)
      }
      boxes.append(box)
      rest = rest.dropFirst(header.byteCount)
    }
    return boxes
  }

  /// The box as it stands in a file.
  var bytes: [UInt8] {
    let contents = children.map { $0.flatMap(\.bytes) } ?? payload
    var bytes: [UInt8] = []
    bytes.appendBigEndian(UInt32(contents.count + 8))
    bytes += Self.typeBytes(type)
    return bytes + contents
  }

  /// Four letters; “©” is a single byte in MP4.
  private static func typeBytes(_ type: String) -> [UInt8] {
    type.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
  }

  /// Enables the first track and disables the others: bit 0 of the flags of `tkhd` (8.3.2).
  mutating func enableOnlyFirstTrack() {
    var isFirst = true
    for index in (children ?? []).indices where children?[index].type == "trak" {
      children?[index].setEnabled(isFirst)
      isFirst = false
    }
  }

  private mutating func setEnabled(_ isEnabled: Bool) {
    for index in (children ?? []).indices where children?[index].type == "tkhd" {
      guard children?[index].payload.count ?? 0 >= 4 else { continue }
      if isEnabled {
        children?[index].payload[3] |= 1
      } else {
        children?[index].payload[3] &= 0xFE
      }
    }
  }

  /// Puts a box into the user data of a movie, which is made where it is missing.
  mutating func addUserData(_ box: MP4Box) {
    if let index = children?.firstIndex(where: { $0.type == "udta" }) {
      children?[index].payload.insert(contentsOf: box.bytes, at: 0)
    } else {
      children?.append(MP4Box(type: "udta", payload: box.bytes))
    }
  }

  /// Adds to the places of all chunks: the entries of `stco` and `co64` (8.7.5).
  ///
  /// - Returns: Whether all of them fit and were whole.
  mutating func moveChunks(by distance: Int) -> Bool {
    if children != nil {
      for index in (children ?? []).indices {
        guard children?[index].moveChunks(by: distance) ?? false else { return false }
      }
      return true
    }
    guard type == "stco" || type == "co64" else { return true }
    let width = type == "stco" ? 4 : 8
    guard payload.count >= 8, let count = Self.number(payload[4..<8]),
      (payload.count - 8) / width >= count
    else { return false }
    var moved = Array(payload[..<8])
    for entry in 0..<count {
      let start = 8 + entry * width
      guard let place = Self.number(payload[start..<start + width]),
        case let (sum, overflow) = place.addingReportingOverflow(distance), !overflow, sum >= 0
      else { return false }
      if width == 4 {
        guard let narrow = UInt32(exactly: sum) else { return false }
        moved.appendBigEndian(narrow)
      } else {
        moved.appendBigEndian(UInt64(sum))
      }
    }
    payload = moved
    return true
  }

  /// A number, its highest byte first; nil where it is none that fits.
  static func number(_ bytes: some Collection<UInt8>) -> Int? {
    guard bytes.count < 8 || (bytes.first ?? 0) < 0x80 else { return nil }
    return bytes.reduce(0) { $0 << 8 | Int($1) }
  }
}

/// The first bytes of a box.
struct MP4BoxHeader: Equatable {
  var type: String
  /// 8, or 16 where the size needs 64 bits.
  var headerByteCount: Int
  /// The size of the box, its header included.
  var byteCount: Int

  /// Reads a header; nil where it is not whole or not sound.
  ///
  /// - Parameter remaining: The bytes up to the end of the file, which a box of size 0 fills.
  init?(_ bytes: some Collection<UInt8>, remaining: Int) {
    let bytes = Array(bytes.prefix(16))
    guard bytes.count >= 8, let size = MP4Box.number(bytes[..<4]) else { return nil }
    type = String(String.UnicodeScalarView(bytes[4..<8].map { Unicode.Scalar($0) }))
    headerByteCount = 8
    byteCount = size
    if size == 1 {
      guard bytes.count == 16, let large = MP4Box.number(bytes[8...]) else { return nil }
      headerByteCount = 16
      byteCount = large
    } else if size == 0 {
      byteCount = remaining
    }
    guard byteCount >= headerByteCount, byteCount <= remaining else { return nil }
  }
}
