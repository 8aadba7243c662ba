// SPDX-License-Identifier: MIT

/// What the first bytes of a file say it is.
///
/// Names say nothing: a playlist called `song.wav` is still a playlist.
enum FileSignature: Equatable {
  /// A format of libsndfile.
  case soundFile(Container)
  /// A container that needs FFmpeg, by its common name.
  case foreign(String)
  /// Text: a lyric sheet, a playlist, a web page.
  case text
  /// Nothing known.
  case unknown

  enum Container: Equatable {
    case wave, aiff, flac, ogg, mpeg, other
  }

  private static let length = 512

  /// Judges the beginning of a file, or what follows an ID3v2 tag there.
  init(_ file: VirtualFile) {
    let head = file.bytes(at: 0, count: Self.length)
    guard let tagByteCount = Self.id3ByteCount(head) else {
      self.init(head)
      return
    }
    let signature = FileSignature(file.bytes(at: tagByteCount, count: Self.length))
    switch signature {
    case .soundFile(.flac), .soundFile(.mpeg), .foreign: self = signature
    default: self = .soundFile(.mpeg)  // some padding or rubbish before the first frame
    }
  }

  /// The length of the ID3v2 tag that begins with `head` (ID3v2.4 structure, 3.1), if it is one.
  private static func id3ByteCount(_ head: [UInt8]) -> Int64? {
    guard head.count >= 10, head.starts(with: "ID3".utf8) else { return nil }
    let body = head[6..<10].reduce(Int64(0)) { $0 << 7 | Int64($1 & 0x7F) }
    return 10 + body + (head[5] & 0x10 == 0 ? 0 : 10)
  }

  /// Judges the first bytes of a file.
  init(_ head: [UInt8]) {
    func has(_ text: String, at offset: Int = 0) -> Bool {
      head.dropFirst(offset).starts(with: text.utf8)
    }
    func has(bytes: [UInt8], at offset: Int = 0) -> Bool {
      head.dropFirst(offset).starts(with: bytes)
    }
    let riffKind = ["RIFF", "RIFX", "RF64"].contains { has($0) }
    if riffKind && has("WAVE", at: 8) {
      self = .soundFile(.wave)
    } else if has("FORM") && (has("AIFF", at: 8) || has("AIFC", at: 8)) {
      self = .soundFile(.aiff)
    } else if has("fLaC") {
      self = .soundFile(.flac)
    } else if has("OggS") && has("\u{7F}FLAC", at: 28) {
      self = .foreign("Ogg FLAC")  // which libsndfile takes for damaged
    } else if has("OggS") {
      self = .soundFile(.ogg)
    } else if Self.isMPEGFrame(head) {
      self = .soundFile(.mpeg)
    } else if has(".snd") || has("caff") || has(bytes: Self.wave64) {
      self = .soundFile(.other)
    } else if let name = Self.foreignContainers.first(where: { has(bytes: $0.1, at: $0.2) })?.0 {
      self = .foreign(name)
    } else if Self.isADTSFrame(head) {
      self = .foreign("AAC")
    } else if Self.looksLikeText(head) {
      self = .text
    } else {
      self = .unknown
    }
  }

  private static let wave64: [UInt8] = Array("riff".utf8) + [0x2E, 0x91, 0xCF, 0x11]

  /// Name, magic bytes and their offset.
  private static let foreignContainers: [(String, [UInt8], Int)] = [
    ("MP4", Array("ftyp".utf8), 4), ("QuickTime", Array("moov".utf8), 4),
    ("QuickTime", Array("mdat".utf8), 4), ("QuickTime", Array("wide".utf8), 4),
    ("Matroska", [0x1A, 0x45, 0xDF, 0xA3], 0), ("WMA", [0x30, 0x26, 0xB2, 0x75], 0),
    ("AMR", Array("#!AMR".utf8), 0), ("Monkey's Audio", Array("MAC ".utf8), 0),
    ("WavPack", Array("wvpk".utf8), 0), ("TTA", Array("TTA1".utf8), 0),
    ("TAK", Array("tBaK".utf8), 0), ("Musepack", Array("MPCK".utf8), 0),
    ("Musepack", Array("MP+".utf8), 0), ("DSF", Array("DSD ".utf8), 0),
    ("Flash", Array("FLV".utf8), 0), ("AVI", Array("AVI ".utf8), 8),
    ("AC-3", [0x0B, 0x77], 0), ("DTS", [0x7F, 0xFE, 0x80, 0x01], 0),
    ("MPEG", [0, 0, 1, 0xBA], 0),
  ]

  /// An MPEG audio frame header of layer II or III (ISO/IEC 11172-3, 2.4.1.3).
  private static func isMPEGFrame(_ head: [UInt8]) -> Bool {
    guard head.count >= 4, head[0] == 0xFF, head[1] & 0xE0 == 0xE0 else { return false }
    let version = head[1] >> 3 & 3
    let layer = head[1] >> 1 & 3
    let bitrate = head[2] >> 4
    let rate = head[2] >> 2 & 3
    return version != 1 && (layer == 1 || layer == 2) && bitrate != 15 && rate != 3
  }

  /// An ADTS header (ISO/IEC 13818-7, 6.2).
  private static func isADTSFrame(_ head: [UInt8]) -> Bool {
    head.count >= 2 && head[0] == 0xFF && head[1] & 0xF6 == 0xF0
  }

  /// No control characters but tab, line ends and form feed, and no byte-order mark of UTF-16.
  private static func looksLikeText(_ head: [UInt8]) -> Bool {
    if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) { return true }
    return !head.isEmpty && head.allSatisfy { $0 >= 0x20 && $0 != 0x7F || (9...13).contains($0) }
  }
}
