// SPDX-License-Identifier: MIT

/// The checksum of ZIP: the cyclic redundancy check of ITU-T V.42, with the reversed polynomial EDB88320,
/// eight bytes at a time ("slicing by 8", Kounavis and Berry 2005).
struct CRC32 {
  private static let tables: [[UInt32]] = {
    var tables = [[UInt32]](repeating: [UInt32](repeating: 0, count: 256), count: 8)
    for byte in 0..<256 {
      var value = UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
      tables[0][byte] = value
    }
    for byte in 0..<256 {
      for slice in 1..<8 {
        let last = tables[slice - 1][byte]
        tables[slice][byte] = last >> 8 ^ tables[0][Int(last & 0xFF)]
      }
    }
    return tables
  }()

  private var state: UInt32 = 0xFFFF_FFFF

  /// The checksum of everything so far.
  var value: UInt32 { ~state }

  /// Takes more bytes.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    let tables = Self.tables
    var state = state
    var index = 0
    while index + 8 <= bytes.count {
      let low =
        state ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self).littleEndian
      let high = bytes.loadUnaligned(fromByteOffset: index + 4, as: UInt32.self).littleEndian
      state =
        tables[7][Int(low & 0xFF)] ^ tables[6][Int(low >> 8 & 0xFF)]
        ^ tables[5][Int(low >> 16 & 0xFF)] ^ tables[4][Int(low >> 24)]
        ^ tables[3][Int(high & 0xFF)] ^ tables[2][Int(high >> 8 & 0xFF)]
        ^ tables[1][Int(high >> 16 & 0xFF)] ^ tables[0][Int(high >> 24)]
      index += 8
    }
    while index < bytes.count {
      state = state >> 8 ^ tables[0][Int((state ^ UInt32(bytes[index])) & 0xFF)]
      index += 1
    }
    self.state = state
  }
}
