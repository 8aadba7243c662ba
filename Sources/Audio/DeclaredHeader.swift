// SPDX-License-Identifier: MIT

/// What the header of a WAV or AIFF file claims, read without believing it.
///
/// libsndfile silently corrects a length that cannot be true; this is how we come to know that a
/// file is cut short, and how a nonsensical rate gets a sentence of its own.
struct DeclaredHeader: Equatable {
  var sampleRate: Double?
  var channelCount: Int?
  /// Bytes of audio that the header claims.
  var dataByteCount: UInt64?
  /// Whether the header was written before the length was known, as into a pipe.
  var isOpenEnded = false
  /// Where the audio begins.
  var dataOffset: Int64?

  /// More chunks than this before the audio are not looked at.
  private static let maximumChunkCount = 256

  /// Whether the audio that the header claims reaches beyond the end of the file.
  func isCutShort(fileByteCount: Int64) -> Bool {
    guard let dataByteCount, let dataOffset else { return false }
    return dataByteCount > UInt64(max(0, fileByteCount - dataOffset))
  }

  /// Reads the chunks of a RIFF or RF64 file up to the audio (EBU Tech 3306 for RF64).
  static func wave(_ file: VirtualFile) -> DeclaredHeader {
    let bigEndian = file.bytes(at: 0, count: 4) == Array("RIFX".utf8)
    // Programs that write into a pipe, such as ffmpeg, leave both lengths at their largest.
    let isOpenEnded = file.bytes(at: 4, count: 4) == [0xFF, 0xFF, 0xFF, 0xFF]
    var header = DeclaredHeader()
    var longDataByteCount: UInt64?
    forEachChunk(of: file, bigEndian: bigEndian) { name, size, offset in
      switch name {
      case "ds64":
        longDataByteCount = integer(file.bytes(at: offset + 8, count: 8), bigEndian: false)
      case "fmt ":
        let body = file.bytes(at: offset, count: 8)
        header.channelCount = integer(body[safe: 2..<4], bigEndian: bigEndian).map { Int($0) }
        header.sampleRate = integer(body[safe: 4..<8], bigEndian: bigEndian).map { Double($0) }
      case "data":
        header.dataOffset = offset
        header.isOpenEnded = size == 0xFFFF_FFFF && isOpenEnded && longDataByteCount == nil
        header.dataByteCount =
          header.isOpenEnded ? nil : size == 0xFFFF_FFFF ? longDataByteCount ?? size : size
        return false
      default: break
      }
      return true
    }
    return header
  }

  /// Reads the chunks of an AIFF or AIFF-C file up to the audio.
  static func aiff(_ file: VirtualFile) -> DeclaredHeader {
    var header = DeclaredHeader()
    forEachChunk(of: file, bigEndian: true) { name, size, offset in
      switch name {
      case "COMM":
        let body = file.bytes(at: offset, count: 18)
        header.channelCount = integer(body[safe: 0..<2], bigEndian: true).map { Int($0) }
        header.sampleRate = extended(body[safe: 8..<18])
      case "SSND":
        header.dataOffset = offset
        header.dataByteCount = size
        return false
      default: break
      }
      return true
    }
    return header
  }

  /// Walks the chunks after the 12 bytes of the form until `body` returns false.
  private static func forEachChunk(
    of file: VirtualFile, bigEndian: Bool,
    _ body: (_ name: String, _ size: UInt64, _ offset: Int64) -> Bool
  ) {
    let end = file.byteCount
    var offset: Int64 = 12
    for _ in 0..<maximumChunkCount {
      let head = file.bytes(at: offset, count: 8)
      guard head.count == 8, let size = integer(head[safe: 4..<8], bigEndian: bigEndian) else {
        return
      }
      let name = String(decoding: head[0..<4], as: UTF8.self)
      guard body(name, size, offset + 8) else { return }
      offset += 8 + Int64(size) + Int64(size & 1)
      if offset >= end { return }
    }
  }

  private static func integer(_ bytes: [UInt8], bigEndian: Bool) -> UInt64? {
    guard !bytes.isEmpty else { return nil }
    return (bigEndian ? bytes : bytes.reversed()).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// An 80-bit IEEE 754 extended number, as AIFF writes its sample rate.
  private static func extended(_ bytes: [UInt8]) -> Double? {
    guard bytes.count == 10 else { return nil }
    let exponent = Int(bytes[0] & 0x7F) << 8 | Int(bytes[1])
    let mantissa = bytes[2...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Double(sign: .plus, exponent: exponent - 16383 - 63, significand: Double(mantissa))
  }
}

extension [UInt8] {
  /// The bytes of a range, or none where the range reaches beyond the end.
  fileprivate subscript(safe range: Range<Int>) -> [UInt8] {
    range.upperBound <= count ? [UInt8](self[range]) : []
  }
}
