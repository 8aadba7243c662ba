// SPDX-License-Identifier: MIT
import CGzip

/// Bytes in the format of RFC 1952.
enum Gzip {
  /// The bytes packed as well as it goes; nil where there is no memory for it.
  static func pack(_ bytes: [UInt8]) -> [UInt8]? {
    let packed = [UInt8](unsafeUninitializedCapacity: gzip_bound(bytes.count)) { buffer, count in
      guard let start = buffer.baseAddress else { return }
      count = gzip_pack(bytes, bytes.count, start, buffer.count)
    }
    return packed.isEmpty ? nil : packed
  }
}
