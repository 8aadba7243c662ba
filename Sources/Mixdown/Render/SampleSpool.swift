// SPDX-License-Identifier: MIT
import Audio
import Foundation

/// Stereo samples in a file without a name, which is gone with the process.
final class SampleSpool {
  private let descriptor: Int32
  private let path: String
  /// The frames written.
  private(set) var frameCount = 0

  /// Makes the file in the folder of another.
  init(nextTo path: String) throws(MixdownError) {
    self.path = path
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    var template = Array("\(folder)/.tonmeister-spool-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
    unlink(template)
  }

  deinit { close(descriptor) }

  /// Appends frames, (2, frames), as planar blocks of their own.
  func write(_ buffer: AudioBuffer) throws(MixdownError) {
    try buffer.samples.withUnsafeBufferPointer { (samples) throws(MixdownError) in
      var rest = UnsafeRawBufferPointer(samples)[...]
      while !rest.isEmpty {
        let count = Foundation.write(
          descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw Self.failure(path, errno) }
        rest = rest.dropFirst(count)
      }
    }
    frameCount += buffer.frameCount
  }

  /// The frames from `start` on, which were written as one block of `count`.
  func read(from start: Int, count: Int) throws(MixdownError) -> AudioBuffer {
    var buffer = AudioBuffer(channelCount: 2, frameCount: count)
    try buffer.samples.withUnsafeMutableBufferPointer { (samples) throws(MixdownError) in
      let bytes = UnsafeMutableRawBufferPointer(samples)
      var done = 0
      while done < bytes.count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
        let read = pread(descriptor, rest.baseAddress, rest.count, off_t(8 * start + done))
        if read < 0, errno == EINTR { continue }
        guard read > 0 else { throw Self.failure(path, read < 0 ? errno : EIO) }
        done += read
      }
    }
    return buffer
  }

  private static func failure(_ path: String, _ number: Int32) -> MixdownError {
    let remedy = number == ENOSPC ? "; make room, or choose another folder" : ""
    return MixdownError(
      code: .output,
      message: "\(path): cannot keep the mix beside it: "
        + "\(String(cString: strerror(number)))\(remedy)")
  }
}
