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

  /// - Parameters:
  ///   - name: The process.
  ///   - root: The folder of all such places.
  ///   - isOld: Whether it is the place of a process that may have ended; else it is made.
  /// - Returns: Nil where the process lives, or nothing can be written.
  init?(of name: String, in root: URL, isOld: Bool) {
    folder = root.appending(path: name)
    path = folder.path + Self.ending
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, Self.isSame(descriptor, path),
      isOld || mkdir(folder.path, 0o700) == 0
    else {
      close(descriptor)
      return nil
    }
  }

  deinit { close(descriptor) }

  /// Removes the place.
  func remove() {
    try? FileManager.default.removeItem(at: folder)
    unlink(path)
  }

  /// Whether nobody has removed the file since it was opened.
  private static func isSame(_ descriptor: Int32, _ path: String) -> Bool {
    var (opened, named) = (stat(), stat())
    return fstat(descriptor, &opened) == 0 && stat(path, &named) == 0
      && opened.st_ino == named.st_ino
  }
}
