// SPDX-License-Identifier: MIT
import Audio
import Foundation

/// Puts files into a ZIP archive as they are.
package enum ZipArchive {
  private static let blockBytes = 1 << 20

  /// Writes an archive, which appears under its name when it is complete.
  ///
  /// - Parameters:
  ///   - files: The name of each file in the archive, and its path.
  ///   - isCancelled: Asked for every block.
  /// - Throws: ``MixdownError`` with the code `input`, `output` (also for more than 4 GB) or `cancelled`.
  package static func write(
    _ files: [(name: String, path: String)], to path: String, isCancelled: () -> Bool
  ) throws(MixdownError) {
    let sink = try FileSink(path: path)
    do throws(MixdownError) {
      let archive = ZipArchiveWriter(sink: sink)
      for file in files {
        try archive.add(file.name) { (sink) throws(MixdownError) in
          try copy(file.path, to: sink, isCancelled: isCancelled)
        }
      }
      try archive.finish()
      try sink.prepare()
      try sink.finish()
    } catch {
      sink.cancel()
      throw error
    }
  }

  private static func copy(
    _ path: String, to sink: any ByteSink, isCancelled: () -> Bool
  ) throws(MixdownError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .input(.system(errno, path: path, action: "read it")) }
    defer { close(descriptor) }
    var block = [UInt8](repeating: 0, count: blockBytes)
    while true {
      if isCancelled() { throw .cancelled }
      let count = read(descriptor, &block, block.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .input(.system(errno, path: path, action: "read it")) }
      if count == 0 { return }
      try block.withUnsafeBufferPointer { (bytes) throws(MixdownError) in
        try sink.append(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[..<count])))
      }
    }
  }
}
