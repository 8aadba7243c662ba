// SPDX-License-Identifier: MIT
import Foundation
import Separation

/// The SHA-256 of files, read in blocks.
package enum FileDigest {
  private static let blockByteCount = 1 << 20

  /// 64 hexadecimal digits.
  ///
  /// - Throws: `cancelled` where the current task is.
  package static func sha256(ofFileAt path: String) throws(ModelStoreError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(errno, path: path) }
    defer { close(descriptor) }
    var hash = SHA256()
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: blockByteCount, alignment: 16)
    defer { block.deallocate() }
    while true {
      if Task.isCancelled { throw .cancelled }
      let count = read(descriptor, block.baseAddress, block.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .system(errno, path: path) }
      guard count > 0 else { break }
      hash.update(UnsafeRawBufferPointer(rebasing: block[..<count]))
    }
    return hash.digest().hexadecimal
  }
}
