// SPDX-License-Identifier: MIT
// Words for the operating system's error numbers.
import Glibc

extension AudioError {
  /// An error for `number` (`errno`) that happened while trying to `action`.
  package static func system(_ number: Int32, path: String, action: String) -> AudioError {
    switch number {
    case ENOENT, ENOTDIR:
      AudioError(
        code: .notFound, path: path, message: "cannot \(action): there is no such file or folder")
    case EACCES, EPERM, EROFS:
      AudioError(
        code: .permission, path: path,
        message: "cannot \(action): permission denied; check the owner and the access rights")
    case ENOSPC, EDQUOT, EFBIG:
      AudioError(
        code: .diskFull, path: path,
        message: "cannot \(action): no space is left; free some or choose another folder")
    case EISDIR:
      AudioError(code: .io, path: path, message: "cannot \(action): it is a folder")
    case ENAMETOOLONG:
      AudioError(code: .io, path: path, message: "cannot \(action): the name is too long")
    default:
      AudioError(
        code: .io, path: path, message: "cannot \(action): \(String(cString: strerror(number)))")
    }
  }
}
