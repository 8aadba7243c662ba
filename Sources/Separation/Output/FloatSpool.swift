// SPDX-License-Identifier: MIT
import Audio
import Foundation

/// A file of float samples that has no name, so that nothing is left of it however we end.
final class FloatSpool {
  private let descriptor: Int32
  private let folder: String
  private let channelCount: Int
  private var samples: [Float] = []  // (frames, channels)

  /// Makes the spool on the disk on which `path` will lie.
  init(nextTo path: String, channelCount: Int) throws(SeparationError) {
    folder = URL(filePath: path).deletingLastPathComponent().path
    self.channelCount = channelCount
    var template = Array("\(folder)/.tonmeister-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw Self.failure(in: folder) }
    unlink(template)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Appends a block.
  func write(_ block: AudioBuffer) throws(SeparationError) {
    let frameCount = block.frameCount
    samples.removeAll(keepingCapacity: true)
    samples.reserveCapacity(block.samples.count)
    for frame in 0..<frameCount {
      for channel in 0..<channelCount {
        samples.append(block.samples[channel * frameCount + frame])
      }
    }
    let failed = samples.withUnsafeBytes { bytes in
      var bytes = bytes[...]
      while !bytes.isEmpty {
        let count = Foundation.write(
          descriptor, UnsafeRawBufferPointer(rebasing: bytes).baseAddress, bytes.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return true }
        bytes = bytes.dropFirst(count)
      }
      return false
    }
    if failed { throw Self.failure(in: folder) }
  }

  /// Goes back to the first frame.
  func rewind() throws(SeparationError) {
    guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw Self.failure(in: folder) }
  }

  /// The next frames; `nil` at the end.
  func read(maximumFrames: Int) throws(SeparationError) -> AudioBuffer? {
    samples = [Float](repeating: 0, count: maximumFrames * channelCount)
    let byteCount: Int? = samples.withUnsafeMutableBytes { bytes in
      var filled = 0
      while filled < bytes.count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
        let count = Foundation.read(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { return nil }
        if count == 0 { break }
        filled += count
      }
      return filled
    }
    guard let byteCount else { throw Self.failure(in: folder) }
    let frameCount = byteCount / (MemoryLayout<Float>.size * channelCount)
    guard frameCount > 0 else { return nil }
    var planar: [Float] = []
    planar.reserveCapacity(frameCount * channelCount)
    for channel in 0..<channelCount {
      for frame in 0..<frameCount { planar.append(samples[frame * channelCount + channel]) }
    }
    return AudioBuffer(channelCount: channelCount, frameCount: frameCount, samples: planar)
  }

  private static func failure(in folder: String) -> SeparationError {
    let number = errno
    let remedy =
      number == ENOSPC || number == EDQUOT
      ? "free some space, choose another folder with --out, or do without the spool by "
        + "--clip-mode clamp"
      : "choose another folder with --out"
    return SeparationError(
      code: .output,
      message: "\(folder): cannot write: \(String(cString: strerror(number))); \(remedy).")
  }
}
