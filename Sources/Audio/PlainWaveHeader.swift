// SPDX-License-Identifier: MIT
import Glibc

/// Rewrites the header of a finished mono or stereo WAV file in the plainest form.
///
/// A file that could have become RF64 comes from libsndfile with `WAVE_FORMAT_EXTENSIBLE`, which
/// mono and stereo do not need and which some programs do not read. The new header has the same
/// length: "fmt " as `WAVEFORMAT`, "fact" for floats, and a "JUNK" chunk for the rest.
enum PlainWaveHeader {
  /// Rewrites the header of `file`; leaves RF64 files and more channels alone.
  static func write(to file: VirtualFile, isFloat: Bool) {
    let header = DeclaredHeader.wave(file)
    guard let dataOffset = header.dataOffset, let byteCount = header.dataByteCount,
      header.channelCount ?? 0 <= 2, dataOffset < 1 << 16
    else { return }
    let old = file.bytes(at: 0, count: Int(dataOffset))
    guard old.starts(with: "RIFF".utf8), let format = formatChunk(of: old) else { return }
    // The first 16 bytes of the extensible form are those of the plain one, but for the tag.
    let tag: [UInt8] = [isFloat ? 3 : 1, 0]
    var new = old[0..<12] + "fmt ".utf8 + bytes(16) + tag + old[format + 2..<format + 16]
    if isFloat {
      let blockByteCount = UInt64(max(1, old[format + 12]))
      new += "fact".utf8 + bytes(4) + bytes(UInt32(byteCount / blockByteCount))
    }
    let padding = old.count - new.count - 16
    guard padding >= 0 else { return }
    new += "JUNK".utf8 + bytes(UInt32(padding)) + [UInt8](repeating: 0, count: padding)
    new += old.suffix(8)
    file.overwriteStart(with: Array(new))
  }

  /// Where the contents of the "fmt " chunk begin.
  private static func formatChunk(of header: [UInt8]) -> Int? {
    let name = Array("fmt ".utf8)
    return stride(from: 12, to: header.count - 48, by: 2)
      .first { header[$0..<$0 + 4].elementsEqual(name) }
      .map { $0 + 8 }
  }

  private static func bytes(_ value: UInt32) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}
