// SPDX-License-Identifier: MIT
import Foundation

/// Keeps two programs, or two tasks, from changing the same model at once.
///
/// The lock is on a file that stays, and ends with the program at the latest.
final class StoreLock: Sendable {
  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Waits until nobody else has the lock.
  ///
  /// - Parameter waiting: Called once where it is taken.
  /// - Throws: `cancelled` where the task is.
  static func take(
    _ file: URL, waiting: @Sendable () -> Void
  ) async throws(ModelStoreError) -> StoreLock {
    let descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .system(errno, path: file.path) }
    let lock = StoreLock(descriptor: descriptor)
    var hasTold = false
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw .system(errno, path: file.path) }
      if !hasTold { waiting() }
      hasTold = true
      do { try await Task.sleep(for: .milliseconds(100)) } catch { throw .cancelled }
    }
    return lock
  }
}
