// SPDX-License-Identifier: MIT

/// Writes a ZIP archive whose members are stored as they are (PKWARE APPNOTE 6.3.10, method 0).
///
/// Audio hardly gets smaller by deflating, and a stored member can be played from within the archive.
/// Names are UTF-8; all members are dated 1 January 1980, so that the same input gives the same bytes.
final class ZipArchiveWriter {
  /// The most bytes that the archive and each member can have without the extension for large files.
  static let maximumByteCount = 0xFFFF_FFFE
  /// The most members.
  static let maximumMemberCount = 0xFFFE

  private struct Member {
    var name: String
    var checksum: UInt32
    var byteCount: Int
    var offset: Int
  }

  private let sink: FileSink
  private var members: [Member] = []

  init(sink: FileSink) { self.sink = sink }

  /// How many bytes an archive with such members has.
  static func byteCount(members: [(name: String, byteCount: Int)]) -> Int {
    members.reduce(22) { $0 + 30 + 46 + 2 * $1.name.utf8.count + $1.byteCount }
  }

  /// Adds a member whose bytes are known.
  func add(_ name: String, _ bytes: [UInt8]) throws(MixdownError) {
    try add(name) { (sink) throws(MixdownError) in try sink.append(bytes) }
  }

  /// Adds a member whose bytes `write` appends.
  func add(
    _ name: String, _ write: (any ByteSink) throws(MixdownError) -> Void
  ) throws(MixdownError) {
    let offset = sink.byteCount
    try sink.append(localHeader(Member(name: name, checksum: 0, byteCount: 0, offset: offset)))
    let body = MemberSink(sink)
    try write(body)
    let member = Member(
      name: name, checksum: body.checksum.value, byteCount: body.byteCount, offset: offset)
    guard members.count < Self.maximumMemberCount, sink.byteCount <= Self.maximumByteCount else {
      throw Self.tooLarge(sink.path)
    }
    members.append(member)
    // Checksum and size are known only now.
    try sink.overwrite(localHeader(member), at: offset)
  }

  /// Writes the directory, after which the archive is complete.
  func finish() throws(MixdownError) {
    let start = sink.byteCount
    for member in members { try sink.append(directoryEntry(member)) }
    let length = sink.byteCount - start
    guard sink.byteCount <= Self.maximumByteCount else { throw Self.tooLarge(sink.path) }
    var end: [UInt8] = []
    end.appendLittleEndian(0x0605_4B50 as UInt32)
    end.appendLittleEndian(0 as UInt32)  // this disk and that of the directory
    end.appendLittleEndian(UInt16(members.count))
    end.appendLittleEndian(UInt16(members.count))
    end.appendLittleEndian(UInt32(length))
    end.appendLittleEndian(UInt32(start))
    end.appendLittleEndian(0 as UInt16)  // no comment
    try sink.append(end)
  }

  static func tooLarge(_ path: String) -> MixdownError {
    MixdownError(
      code: .output,
      message: "\(path): the project is larger than 4 GB, which its ZIP archive cannot hold; use "
        + "--int24 or a lower --samplerate, or export fewer tracks.")
  }

  // APPNOTE 4.3.7.
  private func localHeader(_ member: Member) -> [UInt8] {
    var header: [UInt8] = []
    header.appendLittleEndian(0x0403_4B50 as UInt32)
    appendCommon(member, to: &header)
    header.append(contentsOf: member.name.utf8)
    return header
  }

  // APPNOTE 4.3.12.
  private func directoryEntry(_ member: Member) -> [UInt8] {
    var entry: [UInt8] = []
    entry.appendLittleEndian(0x0201_4B50 as UInt32)
    entry.appendLittleEndian(0x0314 as UInt16)  // made by version 2.0 on Unix
    appendCommon(member, to: &entry)
    entry.appendLittleEndian(0 as UInt16)  // no comment
    entry.appendLittleEndian(0 as UInt16)  // the first disk
    entry.appendLittleEndian(0 as UInt16)  // no internal attributes
    entry.appendLittleEndian(0o100_644 << 16 as UInt32)  // a file that all may read
    entry.appendLittleEndian(UInt32(member.offset))
    entry.append(contentsOf: member.name.utf8)
    return entry
  }

  /// The fields from the version to the length of the extra field, which both headers have.
  private func appendCommon(_ member: Member, to header: inout [UInt8]) {
    header.appendLittleEndian(20 as UInt16)  // needs version 2.0
    header.appendLittleEndian(0x0800 as UInt16)  // names are UTF-8
    header.appendLittleEndian(0 as UInt16)  // stored
    header.appendLittleEndian(0 as UInt16)  // midnight
    header.appendLittleEndian(0x0021 as UInt16)  // 1980-01-01
    header.appendLittleEndian(member.checksum)
    header.appendLittleEndian(UInt32(member.byteCount))
    header.appendLittleEndian(UInt32(member.byteCount))
    header.appendLittleEndian(UInt16(member.name.utf8.count))
    header.appendLittleEndian(0 as UInt16)  // no extra field
  }
}

/// Takes the bytes of one member.
private final class MemberSink: ByteSink {
  private let sink: FileSink
  private(set) var checksum = CRC32()
  private(set) var byteCount = 0

  init(_ sink: FileSink) { self.sink = sink }

  func append(_ bytes: UnsafeRawBufferPointer) throws(MixdownError) {
    guard sink.byteCount + bytes.count <= ZipArchiveWriter.maximumByteCount else {
      throw ZipArchiveWriter.tooLarge(sink.path)
    }
    checksum.update(bytes)
    byteCount += bytes.count
    try sink.append(bytes)
  }
}
