// SPDX-License-Identifier: MIT
import Glibc

extension DestinationFile {
  /// Clears the time of day in the peak chunk of a float WAV: the same audio shall give the same
  /// bytes.
  ///
  /// libsndfile 1.2.0 writes no such chunk into a file that may become RF64; others may, and cannot
  /// be told to leave it out.
  func clearTimeOfPeak() {
    var header = [UInt8](repeating: 0, count: 4096)
    let count = pread(file.descriptor, &header, header.count, 0)
    var chunk = 12  // behind “RIFF”, the size and “WAVE”
    while chunk + 16 <= count {
      let name = header[chunk..<chunk + 4]
      if name.elementsEqual("data".utf8) { return }
      if name.elementsEqual("PEAK".utf8) {
        // Version, then time.
        pwrite(file.descriptor, [0, 0, 0, 0] as [UInt8], 4, off_t(chunk + 12))
        return
      }
      let size = (0..<4).reduce(0) { $0 | Int(header[chunk + 4 + $1]) << (8 * $1) }
      chunk += 8 + size + size % 2
    }
  }
}
