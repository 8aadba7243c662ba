// SPDX-License-Identifier: MIT
import Foundation
import Separation

/// A file that a client sends, until a job wants it; it goes with this object.
final class StagedFile: Sendable {
  let url: URL
  let sha256: String
  let byteCount: Int
  /// What it is called in a bucket: each time something else.
  let object: String

  fileprivate init(url: URL, sha256: String, byteCount: Int) {
    self.url = url
    self.sha256 = sha256
    self.byteCount = byteCount
    object = "\(sha256).\(JobID())"
  }

  deinit { unlink(url.path) }

  /// Brings the file to where jobs look for it.
  ///
  /// - Throws: `full`.
  func keep(in folder: DataFolder) throws(ServiceError) {
    let place = folder.upload(sha256)
    // The same bytes may be there already: either copy will do.
    guard rename(url.path, place.path) == 0 || FileManager.default.fileExists(atPath: place.path)
    else { throw ServiceError(.full, "The upload cannot be kept; free some space.") }
  }
}

/// Writes a file that a client sends, and computes its digest on the way.
///
/// Used by one task at a time, which waits for each call: that makes it safe to send.
final class StagedFileWriter: @unchecked Sendable {
  private let url: URL
  private let descriptor: Int32
  private let limit: Int
  private var hash = SHA256()
  private(set) var byteCount = 0
  private var isFinished = false

  /// - Parameter limit: The most bytes.
  /// - Throws: `full`.
  init(_ url: URL, limit: Int) throws(ServiceError) {
    self.url = url
    self.limit = limit
    descriptor = open(url.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw ServiceError(.full, "There is no room for the upload; free some space.")
    }
  }

  deinit {
    close(descriptor)
    if !isFinished { unlink(url.path) }
  }

  /// Appends bytes.
  ///
  /// - Throws: `tooLarge`, `full`.
  func write(_ bytes: UnsafeRawBufferPointer) throws(ServiceError) {
    byteCount += bytes.count
    guard byteCount <= limit else {
      throw ServiceError(
        .tooLarge, "The file is larger than \(limit.megabytes), the most that is taken.")
    }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Foundation.write(
        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw ServiceError(.full, "There is no room for the upload; free some space.")
      }
      rest = rest.dropFirst(count)
    }
    hash.update(bytes)
  }

  /// Completes the file and brings it to the disk.
  ///
  /// - Throws: `full`.
  func finish() throws(ServiceError) -> StagedFile {
    guard fdatasync(descriptor) == 0 else {
      throw ServiceError(.full, "There is no room for the upload; free some space.")
    }
    isFinished = true
    return StagedFile(url: url, sha256: hash.digest().hexadecimal, byteCount: byteCount)
  }
}

extension Int {
  /// A number of bytes for a person, such as “2.1 MB”.
  var megabytes: String {
    let tenths = (Double(self) / 1e5).rounded() / 10
    return tenths >= 0.1 ? "\(tenths) MB" : "\(self) bytes"
  }
}
