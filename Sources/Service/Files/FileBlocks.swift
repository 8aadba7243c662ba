// SPDX-License-Identifier: MIT
import Foundation
import NIOCore
import NIOPosix

/// Reads a file block by block, on threads that may block.
struct FileBlocks: AsyncSequence, Sendable {
  /// The bytes of a block.
  static let size = 256 << 10

  let path: String
  /// The first byte that is read.
  var offset: UInt64 = 0

  /// Used by one task at a time, which waits for each call.
  final class Iterator: AsyncIteratorProtocol, @unchecked Sendable {
    private let path: String
    private let offset: UInt64
    private var file: FileHandle?

    init(_ blocks: FileBlocks) { (path, offset) = (blocks.path, blocks.offset) }

    /// The next block; nil at the end.
    ///
    /// - Throws: `gone` where the file cannot be read.
    func next() async throws -> ByteBuffer? {
      let block = try await NIOThreadPool.singleton.runIfActive { try self.read() }
      return block.isEmpty ? nil : ByteBuffer(bytes: block)
    }

    private func read() throws(ServiceError) -> Data {
      do {
        let file = try file ?? FileHandle(forReadingFrom: URL(filePath: path))
        if self.file == nil { try file.seek(toOffset: offset) }
        self.file = file
        return try file.read(upToCount: FileBlocks.size) ?? Data()
      } catch { throw ServiceError(.gone, "The file cannot be read any more.") }
    }
  }

  func makeAsyncIterator() -> Iterator { Iterator(self) }
}
