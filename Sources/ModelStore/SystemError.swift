// SPDX-License-Identifier: MIT
// Words for the operating system's error numbers.
import Foundation

extension ModelStoreError {
  /// An error for `number` (`errno`) that happened while writing at `path`.
  static func system(_ number: Int32, path: String) -> ModelStoreError {
    switch number {
    case EACCES, EPERM, EROFS:
      ModelStoreError(
        code: .permission,
        message: "\(path): permission denied; change the owner or the access rights, or name "
          + "another place in XDG_CACHE_HOME.")
    case ENOSPC, EDQUOT, EFBIG:
      ModelStoreError(
        code: .diskFull,
        message: "\(path): no space is left; free some or name another place in XDG_CACHE_HOME. "
          + "The same command goes on where it stopped.")
    default:
      ModelStoreError(
        code: .io,
        message: "\(path): \(String(cString: strerror(number))); check the folder or name another "
          + "place in XDG_CACHE_HOME.")
    }
  }
}
