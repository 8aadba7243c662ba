// SPDX-License-Identifier: MIT
import Audio
import Foundation

/// Takes the bytes of a file in their order.
protocol ByteSink: AnyObject {
  /// Appends bytes.
  func append(_ bytes: UnsafeRawBufferPointer) throws(MixdownError)
}

extension ByteSink {
  /// Appends bytes.
  func append(_ bytes: [UInt8]) throws(MixdownError) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(MixdownError) in
      try append(UnsafeRawBufferPointer(bytes))
    }
  }
}

/// A file that appears under its name when it is complete.
final class FileSink: ByteSink {
  private let destination: DestinationFile
  /// The bytes written.
  private(set) var byteCount = 0

  /// The path of the file to be.
  var path: String { destination.path }
  /// The open file.
  var descriptor: Int32 { destination.descriptor }

  init(path: String) throws(MixdownError) {
    do throws(AudioError) {
      destination = try DestinationFile(path: path)
    } catch { throw .output(error) }
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(MixdownError) {
    try write(bytes, at: byteCount)
    byteCount += bytes.count
  }

  /// Replaces bytes written before.
  func overwrite(_ bytes: [UInt8], at offset: Int) throws(MixdownError) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(MixdownError) in
      try write(UnsafeRawBufferPointer(bytes), at: offset)
    }
  }

  private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(MixdownError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = pwrite(
        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count,
        off_t(offset + bytes.count - rest.count))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw .output(.system(count < 0 ? errno : ENOSPC, path: path, action: "write it"))
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Brings the file to the disk, still without its name.
  func prepare() throws(MixdownError) {
    do throws(AudioError) { try destination.flush() } catch { throw .output(error) }
  }

  /// Gives the file its name.
  func finish() throws(MixdownError) {
    do throws(AudioError) { try destination.commit() } catch { throw .output(error) }
  }

  /// Gives the file up.
  func cancel() { destination.discard() }
}

/// Builds binary structures.
extension [UInt8] {
  /// Appends a number, its lowest byte first.
  mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }

  /// Appends a number, its highest byte first.
  mutating func appendBigEndian(_ value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }

  /// Appends text in a field of so many bytes, cut between characters and filled with zeros.
  mutating func append(_ text: String, fieldLength: Int) {
    var text = text
    while text.utf8.count > fieldLength { text.removeLast() }
    append(contentsOf: text.utf8)
    append(contentsOf: repeatElement(0, count: fieldLength - text.utf8.count))
  }
}
