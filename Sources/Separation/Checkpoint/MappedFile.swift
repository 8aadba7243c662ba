// SPDX-License-Identifier: MIT
import Foundation

/// A file's bytes, mapped into memory for as long as the object lives.
final class MappedFile: @unchecked Sendable {
  // Sendable: the mapping is read-only and never changes.

  let bytes: UnsafeRawBufferPointer
  private let isFile: Bool

  /// Maps the file, or returns `nil` with `errno` set.
  init?(path: String) {
    isFile = true
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    guard status.st_mode & S_IFMT == S_IFREG else {
      errno = EINVAL
      return nil
    }
    let count = Int(status.st_size)
    if count == 0 {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED
    else { return nil }
    bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  /// Gives the memory of some of the bytes back; they are read from the file again when needed.
  func release(_ range: Range<Int>) {
    guard isFile, let start = bytes.baseAddress else { return }
    let page = Int(getpagesize())
    let first = (range.lowerBound + page - 1) / page * page
    let last = range.upperBound / page * page
    if first < last {
      madvise(UnsafeMutableRawPointer(mutating: start) + first, last - first, Int32(MADV_DONTNEED))
    }
  }

  /// A copy of `bytes`, for files that are not on disk.
  init(bytes source: [UInt8]) {
    isFile = false
    guard !source.isEmpty,
      let start = mmap(
        nil, source.count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      start != MAP_FAILED
    else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    start.copyMemory(from: source, byteCount: source.count)
    bytes = UnsafeRawBufferPointer(start: start, count: source.count)
  }

  /// Maps a checkpoint, or says why that cannot be.
  static func checkpoint(at path: String) throws(SeparationError) -> MappedFile {
    guard let file = MappedFile(path: path) else {
      let reason = String(cString: strerror(errno))
      throw SeparationError(
        code: .malformed, message: "\(path): the checkpoint cannot be read: \(reason).")
    }
    return file
  }

  deinit {
    if let start = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    }
  }
}
