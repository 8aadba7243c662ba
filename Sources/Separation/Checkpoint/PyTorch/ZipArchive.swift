// SPDX-License-Identifier: MIT

/// The directory of a zip archive whose entries are stored as they are, as `torch.save` writes it.
///
/// Section numbers are those of PKWARE's APPNOTE.TXT 6.3.10. Every entry lies before the directory
/// and no two overlap. The entries' CRC-32 is not compared: the SHA-256 of the whole file is.
struct ZipArchive: Sendable {
  /// Where the bytes of each entry lie in the file, by its name.
  let entries: [String: Range<Int>]

  /// The first bytes of an archive that is not empty (4.3.7).
  static let signature: [UInt8] = [0x50, 0x4b, 0x03, 0x04]

  /// - Parameter name: Of the file, for messages.
  init(_ bytes: UnsafeRawBufferPointer, name: String) throws(SeparationError) {
    let reader = ZipReader(bytes: bytes, name: name)
    entries = try reader.entries(of: reader.directory())
  }
}

/// Reads the structures of a zip archive.
private struct ZipReader {
  let bytes: UnsafeRawBufferPointer
  let name: String

  /// Where the central directory lies.
  struct Directory {
    let range: Range<Int>
    let entryCount: UInt64
  }

  func malformed(_ why: String) -> SeparationError {
    SeparationError(
      code: .malformed, message: "\(name): not a zip archive, or a damaged one: \(why).")
  }

  func unsupported(_ why: String) -> SeparationError {
    SeparationError(
      code: .unsupported, message: "\(name): \(why), which torch.save does not write.")
  }

  /// Finds the central directory from the records at the end (4.3.14 to 4.3.16).
  func directory() throws(SeparationError) -> Directory {
    // A comment of at most 65535 bytes may follow the record of 22.
    var end = bytes.count - 22
    let first = max(0, end - 65535)
    while end >= first {
      if bytes.littleEndian(at: end, as: UInt32.self) == 0x0605_4b50,
        let comment = bytes.littleEndian(at: end + 20, as: UInt16.self),
        end + 22 + Int(comment) == bytes.count
      {
        break
      }
      end -= 1
    }
    guard end >= first, let count = bytes.littleEndian(at: end + 10, as: UInt16.self),
      let byteCount = bytes.littleEndian(at: end + 12, as: UInt32.self),
      let offset = bytes.littleEndian(at: end + 16, as: UInt32.self)
    else { throw malformed("its directory is missing; the file may be cut off") }
    if bytes.littleEndian(at: end - 20, as: UInt32.self) == 0x0706_4b50 {
      return try largeDirectory(locator: end - 20)
    }
    return try directory(
      offset: UInt64(offset), byteCount: UInt64(byteCount), entryCount: UInt64(count), limit: end)
  }

  /// The directory's place as the records for large archives have it (4.3.14, 4.3.15).
  private func largeDirectory(locator: Int) throws(SeparationError) -> Directory {
    guard let place = bytes.littleEndian(at: locator + 8, as: UInt64.self),
      let record = Int(exactly: place), record < locator,
      bytes.littleEndian(at: record, as: UInt32.self) == 0x0606_4b50,
      let count = bytes.littleEndian(at: record + 32, as: UInt64.self),
      let byteCount = bytes.littleEndian(at: record + 40, as: UInt64.self),
      let offset = bytes.littleEndian(at: record + 48, as: UInt64.self)
    else { throw malformed("the place of its directory is wrong") }
    return try directory(offset: offset, byteCount: byteCount, entryCount: count, limit: record)
  }

  private func directory(offset: UInt64, byteCount: UInt64, entryCount: UInt64, limit: Int)
    throws(SeparationError) -> Directory
  {
    let (end, overflow) = offset.addingReportingOverflow(byteCount)
    // A central header has 46 bytes at least (4.3.12).
    guard !overflow, end <= UInt64(limit), entryCount <= byteCount / 46 else {
      throw malformed("the place or length of its directory is wrong")
    }
    return Directory(range: Int(offset)..<Int(end), entryCount: entryCount)
  }

  /// All entries of the directory (4.3.12).
  func entries(of directory: Directory) throws(SeparationError) -> [String: Range<Int>] {
    var entries: [String: Range<Int>] = [:]
    var position = directory.range.lowerBound
    for _ in 0..<directory.entryCount {
      let (entry, range) = try readEntry(at: &position, directory: directory.range)
      guard entries.updateValue(range, forKey: entry) == nil else {
        throw malformed("the entry “\(entry.excerpt)” is there twice")
      }
    }
    guard position == directory.range.upperBound else {
      throw malformed("its directory is longer than its entries")
    }
    var end = 0
    for (entry, range) in entries.sorted(by: {
      ($0.value.lowerBound, $0.value.upperBound) < ($1.value.lowerBound, $1.value.upperBound)
    }) {
      guard range.lowerBound >= end else {
        throw malformed("the entry “\(entry.excerpt)” overlaps another")
      }
      end = range.upperBound
    }
    return entries
  }

  private func readEntry(at position: inout Int, directory: Range<Int>) throws(SeparationError)
    -> (name: String, range: Range<Int>)
  {
    let start = position
    guard start + 46 <= directory.upperBound,
      bytes.littleEndian(at: start, as: UInt32.self) == 0x0201_4b50,
      let flags = bytes.littleEndian(at: start + 8, as: UInt16.self),
      let method = bytes.littleEndian(at: start + 10, as: UInt16.self),
      let packed = bytes.littleEndian(at: start + 20, as: UInt32.self),
      let unpacked = bytes.littleEndian(at: start + 24, as: UInt32.self),
      let nameCount = bytes.littleEndian(at: start + 28, as: UInt16.self),
      let extraCount = bytes.littleEndian(at: start + 30, as: UInt16.self),
      let commentCount = bytes.littleEndian(at: start + 32, as: UInt16.self),
      let offset = bytes.littleEndian(at: start + 42, as: UInt32.self)
    else { throw malformed("its directory is damaged") }
    let nameRange = start + 46..<start + 46 + Int(nameCount)
    let extraRange = nameRange.upperBound..<nameRange.upperBound + Int(extraCount)
    position = extraRange.upperBound + Int(commentCount)
    guard position <= directory.upperBound,
      let entry = String(validating: bytes[nameRange], as: UTF8.self), !entry.isEmpty
    else { throw malformed("its directory is damaged") }
    guard flags & 1 == 0 else { throw unsupported("the entry “\(entry.excerpt)” is encrypted") }
    guard method == 0 else { throw unsupported("the entry “\(entry.excerpt)” is compressed") }

    // Numbers that do not fit stand in an extra field, in this order (4.5.3).
    var numbers = [UInt64(unpacked), UInt64(packed), UInt64(offset)]
    var large = extraField(1, in: extraRange)
    for index in numbers.indices where numbers[index] == 0xffff_ffff {
      guard let field = large, field.count >= 8,
        let number = bytes.littleEndian(at: field.lowerBound, as: UInt64.self)
      else { throw malformed("the size of the entry “\(entry.excerpt)” is missing") }
      numbers[index] = number
      large = field.dropFirst(8)
    }
    guard numbers[0] == numbers[1], let byteCount = Int(exactly: numbers[0]),
      let header = Int(exactly: numbers[2]),
      let data = dataStart(header: header, name: nameRange, directory: directory),
      byteCount <= directory.lowerBound - data
    else { throw malformed("the place or length of the entry “\(entry.excerpt)” is wrong") }
    return (entry, data..<data + byteCount)
  }

  /// The bytes of the extra field of a kind (4.5.1).
  private func extraField(_ kind: UInt16, in range: Range<Int>) -> Range<Int>? {
    var position = range.lowerBound
    while position + 4 <= range.upperBound,
      let found = bytes.littleEndian(at: position, as: UInt16.self),
      let count = bytes.littleEndian(at: position + 2, as: UInt16.self)
    {
      let end = position + 4 + Int(count)
      guard end <= range.upperBound else { return nil }
      if found == kind { return position + 4..<end }
      position = end
    }
    return nil
  }

  /// Where an entry's bytes begin, behind the header before them, which must have the same name
  /// (4.3.7).
  private func dataStart(header: Int, name: Range<Int>, directory: Range<Int>) -> Int? {
    guard header < directory.lowerBound, bytes.holds(ZipArchive.signature, at: header),
      bytes.littleEndian(at: header + 8, as: UInt16.self) == 0,
      let nameCount = bytes.littleEndian(at: header + 26, as: UInt16.self),
      let extraCount = bytes.littleEndian(at: header + 28, as: UInt16.self),
      Int(nameCount) == name.count, bytes.holds(bytes[name], at: header + 30)
    else { return nil }
    let start = header + 30 + name.count + Int(extraCount)
    return start <= directory.lowerBound ? start : nil
  }
}
