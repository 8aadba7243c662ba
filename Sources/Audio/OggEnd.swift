// SPDX-License-Identifier: MIT

/// Looks whether an Ogg file has its end.
enum OggEnd {
  /// The longest possible page (RFC 3533, section 6).
  private static let maximumPageByteCount = 27 + 255 + 255 * 255

  /// Whether the last page is marked as the last of its stream and is all there.
  static func isComplete(_ file: VirtualFile) -> Bool {
    let end = file.byteCount
    let start = max(0, end - Int64(maximumPageByteCount))
    let tail = file.bytes(at: start, count: Int(end - start))
    let magic = Array("OggS".utf8)
    var offset = tail.count - 27
    while offset >= 0 {
      if tail[offset] == magic[0] && tail[offset..<offset + 4].elementsEqual(magic) {
        let segmentCount = Int(tail[offset + 26])
        guard offset + 27 + segmentCount <= tail.count else { return false }
        let body = tail[offset + 27..<offset + 27 + segmentCount].reduce(0) { $0 + Int($1) }
        let isLast = tail[offset + 5] & 4 != 0
        return isLast && offset + 27 + segmentCount + body <= tail.count
      }
      offset -= 1
    }
    return false
  }
}
