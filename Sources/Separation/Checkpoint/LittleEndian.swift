// SPDX-License-Identifier: MIT

extension UnsafeRawBufferPointer {
  /// The little-endian number at an offset, or `nil` where the buffer ends before it does.
  func littleEndian<Value: FixedWidthInteger>(at offset: Int, as type: Value.Type) -> Value? {
    guard offset >= 0, offset <= count - MemoryLayout<Value>.size else { return nil }
    return Value(littleEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
  }

  /// Whether these bytes lie at an offset.
  func holds(_ bytes: some Collection<UInt8>, at offset: Int) -> Bool {
    guard offset >= 0, offset <= count - bytes.count else { return false }
    return self[offset..<offset + bytes.count].elementsEqual(bytes)
  }
}
