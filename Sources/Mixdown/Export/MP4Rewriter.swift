// SPDX-License-Identifier: MIT
import Audio
import Foundation

/// Copies an MP4 file with a changed table of contents.
struct MP4Rewriter {
  private static let copyByteCount = 1 << 20

  let source: FileSink
  let output: FileSink
  let path: String
  let maximumMovieByteCount: Int
  let signal: CancellationSignal

  /// Copies all boxes; `change` changes `moov`.
  ///
  /// The places of the samples follow where the audio moves because the table before it has grown.
  func run(_ change: (inout MP4Box) -> Void) throws(MixdownError) {
    let boxes = try topLevel()
    guard let index = boxes.firstIndex(where: { $0.header.type == "moov" }),
      boxes[index].header.byteCount <= maximumMovieByteCount,
      var movie = MP4Box.parse(
        try read(at: boxes[index].offset, count: boxes[index].header.byteCount)[...])?.first
    else { throw malformed }
    change(&movie)
    let growth = movie.bytes.count - boxes[index].header.byteCount
    let audioFollows = boxes[index...].contains { $0.header.type == "mdat" }
    let audioLeads = boxes[..<index].contains { $0.header.type == "mdat" }
    guard !(audioFollows && audioLeads) else { throw malformed }
    if audioFollows {
      guard movie.moveChunks(by: growth) else { throw malformed }
    }
    for (number, box) in boxes.enumerated() {
      if number == index {
        try output.append(movie.bytes)
      } else {
        try copy(from: box.offset, count: box.header.byteCount)
      }
    }
  }

  private var malformed: MixdownError {
    MixdownError(
      code: .output, message: "\(path): cannot write it: ffmpeg wrote an MP4 that is not sound.")
  }

  private var sourceByteCount: Int {
    var status = stat()
    return fstat(source.descriptor, &status) == 0 ? Int(status.st_size) : 0
  }

  private func topLevel() throws(MixdownError) -> [(offset: Int, header: MP4BoxHeader)] {
    let total = sourceByteCount
    var boxes: [(offset: Int, header: MP4BoxHeader)] = []
    var offset = 0
    while offset < total {
      let start = try read(at: offset, count: min(16, total - offset))
      guard let header = MP4BoxHeader(start, remaining: total - offset) else { throw malformed }
      boxes.append((offset, header))
      offset += header.byteCount
    }
    return boxes
  }

  private func copy(from offset: Int, count: Int) throws(MixdownError) {
    var done = 0
    while done < count {
      try signal.check()
      let part = min(Self.copyByteCount, count - done)
      try output.append(try read(at: offset + done, count: part))
      done += part
    }
  }

  private func read(at offset: Int, count: Int) throws(MixdownError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        pread(
          source.descriptor, UnsafeMutableRawBufferPointer(rebasing: buffer[done...]).baseAddress,
          count - done, off_t(offset + done))
      }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { throw malformed }
      done += got
    }
    return bytes
  }
}
