// SPDX-License-Identifier: MIT
internal import CSndfile
import Glibc
import Synchronization

/// A file descriptor that libsndfile reads or writes through callbacks.
///
/// Going through callbacks rather than `sf_open` means that every failed `write` is seen, those of
/// closing a file included, and that libsndfile never learns the name (it would guess raw formats
/// from extensions). Owned by one reader or writer; closes the descriptor when it goes.
final class VirtualFile {
  private static let opening = Mutex(())

  let descriptor: Int32
  /// The first error of a read, write or seek (`errno`), 0 while there is none.
  private(set) var failure: Int32 = 0

  init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }

  /// The size of the file in bytes.
  var byteCount: Int64 {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
  }

  /// Reads up to `count` bytes at `offset` without moving; fewer at the end of the file.
  func bytes(at offset: Int64, count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        guard let base = buffer.baseAddress else { return }
        let got = pread(descriptor, base + filled, count - filled, off_t(offset) + filled)
        if got < 0 && errno == EINTR { continue }
        if got <= 0 { return }
        filled += got
      }
    }
  }

  /// Replaces the first bytes of the file.
  func overwriteStart(with bytes: [UInt8]) {
    lseek(descriptor, 0, SEEK_SET)
    _ = write(bytes, Int64(bytes.count))
  }

  /// Opens the file with libsndfile.
  ///
  /// The returned handle must be closed before this object goes.
  /// - Parameter failure: libsndfile's error number where the result is nil.
  func open(mode: Int32, info: inout SF_INFO, failure: inout Int32) -> OpaquePointer? {
    var callbacks = SF_VIRTUAL_IO(
      get_filelen: { VirtualFile.from($0)?.byteCount ?? 0 },
      seek: { VirtualFile.from($2)?.seek($0, $1) ?? -1 },
      read: { VirtualFile.from($2)?.read($0, $1) ?? 0 },
      write: { VirtualFile.from($2)?.write($0, $1) ?? 0 },
      tell: { VirtualFile.from($0)?.seek(0, SEEK_CUR) ?? -1 })
    // Why opening failed is kept for the whole process: no other file may be opened in between.
    var pointer: OpaquePointer?
    Self.opening.withLock { _ in
      pointer = sf_open_virtual(
        &callbacks, mode, &info, Unmanaged.passUnretained(self).toOpaque())
      if pointer == nil { failure = sf_error(nil) }
    }
    return pointer
  }

  /// The file behind the pointer that callbacks get.
  static func from(_ pointer: UnsafeMutableRawPointer?) -> VirtualFile? {
    pointer.map { Unmanaged<VirtualFile>.fromOpaque($0).takeUnretainedValue() }
  }

  private func seek(_ offset: sf_count_t, _ whence: Int32) -> sf_count_t {
    return sf_count_t(lseek(descriptor, off_t(offset), whence))
  }

  /// Reads at the current position; fewer bytes than asked for at the end or after an error.
  func read(_ pointer: UnsafeMutableRawPointer?, _ count: sf_count_t) -> sf_count_t {
    guard let pointer, count > 0 else { return 0 }
    var done: sf_count_t = 0
    while done < count {
      let got = Glibc.read(descriptor, pointer + Int(done), Int(count - done))
      if got < 0 && errno == EINTR { continue }
      if got < 0 { note(errno) }
      if got <= 0 { break }
      done += sf_count_t(got)
    }
    return done
  }

  private func write(_ pointer: UnsafeRawPointer?, _ count: sf_count_t) -> sf_count_t {
    guard let pointer, count > 0, failure == 0 else { return 0 }
    var done: sf_count_t = 0
    while done < count {
      let put = Glibc.write(descriptor, pointer + Int(done), Int(count - done))
      if put < 0 && errno == EINTR { continue }
      if put < 0 { note(errno) }
      if put <= 0 { break }
      done += sf_count_t(put)
    }
    return done
  }

  private func note(_ error: Int32) {
    if failure == 0 { failure = error }
  }
}

/// An open libsndfile handle and the file beneath it; closes both when it goes.
struct SoundFileHandle: ~Copyable {
  let pointer: OpaquePointer
  let file: VirtualFile

  init?(_ file: VirtualFile, mode: Int32, info: inout SF_INFO, failure: inout Int32) {
    guard let pointer = file.open(mode: mode, info: &info, failure: &failure) else { return nil }
    self.pointer = pointer
    self.file = file
  }

  deinit {
    sf_close(pointer)
  }
}
