// SPDX-License-Identifier: MIT
import Foundation

/// A file that is being downloaded, `NAME.partial`, and what the server has said about it.
///
/// Both outlive the program, so that a later one can go on.
///
/// `@unchecked Sendable`: a download's exchange and the task that waits for it use it in turns.
final class PartialFile: @unchecked Sendable {
  /// What must stay the same for the file to be continued.
  struct Notes: Codable, Equatable {
    /// What `If-Range` gets: a strong entity tag or a date.
    var validator: String?
    var sizeInBytes: Int?
    /// 64 hexadecimal digits, where the hub says them.
    var sha256: String?
  }

  /// The place of the finished file.
  let destination: URL
  /// The bytes that are there.
  private(set) var count = 0
  private(set) var notes = Notes()
  private let descriptor: Int32
  private var path: String { destination.path + ".partial" }
  private var notesFile: URL { URL(filePath: path + ".json") }

  /// Opens what an earlier download has left, or an empty file.
  init(destination: URL) throws(ModelStoreError) {
    self.destination = destination
    let path = destination.path + ".partial"
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw .system(errno, path: path) }
    count = Int(lseek(descriptor, 0, SEEK_END))
    if let data = try? Data(contentsOf: notesFile),
      let notes = try? JSONDecoder().decode(Notes.self, from: data)
    {
      self.notes = notes
    } else {
      try restart()
    }
  }

  deinit { close(descriptor) }

  /// Forgets all bytes and what was said about them.
  func restart() throws(ModelStoreError) {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw .system(errno, path: path)
    }
    count = 0
    try note(Notes())
  }

  /// Remembers what the server says.
  func note(_ notes: Notes) throws(ModelStoreError) {
    self.notes = notes
    do {
      try JSONEncoder().encode(notes).write(to: notesFile)
    } catch {
      throw .system(error.systemNumber, path: notesFile.path)
    }
  }

  /// Appends bytes; where that fails, those that were written count.
  func append(_ data: Data) throws(ModelStoreError) {
    let failure: Int32? = data.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let written = write(
          descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written < 0, errno == EINTR { continue }
        guard written > 0 else { return written < 0 ? errno : ENOSPC }
        count += written
        rest = rest.dropFirst(written)
      }
      return nil
    }
    if let failure { throw .system(failure, path: path) }
  }

  /// Throws where the disk cannot take so many more bytes.
  func requireSpace(for byteCount: Int) throws(ModelStoreError) {
    var status = statvfs()
    guard fstatvfs(descriptor, &status) == 0 else { return }
    let free = Int(status.f_bavail) * Int(status.f_frsize)
    guard free < byteCount else { return }
    throw ModelStoreError(
      code: .diskFull,
      message: String(
        format: "%@: %.0f MB are needed and %.0f MB are free; free some or name another place in "
          + "XDG_CACHE_HOME.",
        destination.deletingLastPathComponent().path, Double(byteCount) / 1e6, Double(free) / 1e6))
  }

  /// The SHA-256 of the bytes.
  func sha256() throws(ModelStoreError) -> String { try FileDigest.sha256(ofFileAt: path) }

  /// Flushes the file to the disk and gives it its name.
  func finish() throws(ModelStoreError) {
    guard fsync(descriptor) == 0, rename(path, destination.path) == 0 else {
      throw .system(errno, path: path)
    }
    unlink(notesFile.path)
  }

  /// Removes the file.
  func discard() {
    unlink(path)
    unlink(notesFile.path)
  }
}

extension Error {
  /// The number of the operating system's error behind one of Foundation.
  var systemNumber: Int32 {
    let error = self as NSError
    if error.domain == NSPOSIXErrorDomain { return Int32(error.code) }
    if let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError,
      cause.domain == NSPOSIXErrorDomain
    {
      return Int32(cause.code)
    }
    switch (self as? CocoaError)?.code {
    case .fileWriteOutOfSpace: return ENOSPC
    case .fileWriteNoPermission, .fileReadNoPermission: return EACCES
    case .fileWriteVolumeReadOnly: return EROFS
    default: return EIO
    }
  }
}
