// SPDX-License-Identifier: MIT
import Foundation

/// Has a data folder in use for as long as it lives.
final class FolderLock: Sendable {
  private let descriptor: Int32
  private let staging: StagingLock

  init(descriptor: Int32, staging: StagingLock) {
    self.descriptor = descriptor
    self.staging = staging
  }

  deinit {
    staging.remove()
    close(descriptor)
  }
}

/// The place of a process for what is not complete, which is its own for as long as it lives.
///
/// The lock ends with the process, however that ends, also when the folder is on another machine.
final class StagingLock: Sendable {
  /// The ending of the file that is locked.
  static let ending = ".lock"

  private let folder: URL
  private let path: String
  private let descriptor: Int32

  /// Makes the place of a process; nil where nothing can be written.
  convenience init?(of name: String, in root: URL) {
    let path = root.appending(path: name).path + Self.ending
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    self.init(root.appending(path: name), path, descriptor)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, mkdir(folder.path, 0o700) == 0 else {
      return nil
    }
  }

  private init(_ folder: URL, _ path: String, _ descriptor: Int32) {
    self.folder = folder
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Removes the place.
  func remove() {
    try? FileManager.default.removeItem(at: folder)
    unlink(path)
  }

  /// Removes a place whose process has ended, or what has no lock at all.
  ///
  /// - Parameters:
  ///   - age: The seconds for which the process has to be silent, since on some file systems a lock can be lost by one who
  ///     lives.
  ///   - now: The time as the file system has it.
  static func removeAbandoned(_ name: String, in root: URL, olderThan age: Double, now: Date) {
    let folder = root.appending(path: name)
    let path = folder.path + ending
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else {
      if silence(folder.path, now) >= age { try? FileManager.default.removeItem(at: folder) }
      return
    }
    let lock = StagingLock(folder, path, descriptor)
    guard silence(path, now) >= age, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return }
    lock.remove()
  }

  /// When something was changed, as the file system has it; nil where it is not there.
  static func change(of path: String) -> Date? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return attributes?[.modificationDate] as? Date
  }

  /// The seconds since something was changed; less than 0 where it is not there.
  private static func silence(_ path: String, _ now: Date) -> Double {
    change(of: path).map { max(0, now.timeIntervalSince($0)) } ?? -1
  }
}
