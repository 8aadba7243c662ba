// SPDX-License-Identifier: MIT
import Glibc

/// A file that appears under its name only when it is complete.
///
/// Until ``commit()`` it has no name, so that nothing is left of it however the process ends before. Where
/// the file system knows no such files it is `.{name}.{process}-{random}.partial` in the destination's
/// folder; if the commit never comes, that is removed with this object.
package final class DestinationFile {
  package let path: String
  let file: VirtualFile
  private let folder: String
  private let temporaryPath: String
  private var hasTemporaryName: Bool
  private var isPending = true
  private var isFlushed = false

  /// - Parameter prefersNoName: Whether to do without a temporary name where that can be.
  package init(path: String, prefersNoName: Bool = true) throws(AudioError) {
    self.path = path
    let slash = path.lastIndex(of: "/")
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    guard !name.isEmpty, name != ".", name != ".." else {
      throw AudioError(
        code: .io, path: path, message: "cannot write it: the path names no file; add a name")
    }
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      let kind = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "a device and no file"
      throw AudioError(
        code: .io, path: path, message: "cannot write it: it is \(kind); choose another name")
    }
    let random = String(UInt64.random(in: .min ... .max), radix: 36)
    let suffix = ".\(getpid())-\(random).partial"
    // A name that leaves no room for the suffix is shortened: 255 bytes are the limit (NAME_MAX).
    var stem = name
    while stem.utf8.count + suffix.utf8.count + 1 > 255, !stem.isEmpty { stem.removeLast() }
    temporaryPath = "\(folder)/.\(stem)\(suffix)"
    var descriptor = prefersNoName ? DestinationFile.openNameless(in: folder) : -1
    hasTemporaryName = descriptor < 0
    if hasTemporaryName {
      descriptor = open(temporaryPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    }
    guard descriptor >= 0 else {
      if errno == ENOENT {
        throw AudioError(
          code: .notFound, path: path,
          message: "cannot write it: its folder does not exist; create it first")
      }
      throw .system(errno, path: path, action: "write it")
    }
    file = VirtualFile(descriptor: descriptor)
  }

  deinit {
    discard()
  }

  /// The open file; it is closed with this object.
  package var descriptor: Int32 { file.descriptor }

  /// Opens a file without a name that can be given one later; negative where that cannot be.
  private static func openNameless(in folder: String) -> Int32 {
    // O_TMPFILE, which is defined in terms that Swift does not import.
    let descriptor = open(folder, 0o20_000_000 | O_DIRECTORY | O_RDWR | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { return descriptor }
    guard access(link(to: descriptor), F_OK) == 0 else {
      close(descriptor)
      return -1
    }
    return descriptor
  }

  /// The link by which the kernel gives an open file a name.
  private static func link(to descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }

  /// Flushes the file to the disk, so that ``commit()`` has little left to do.
  package func flush() throws(AudioError) {
    guard isPending, !isFlushed else { return }
    guard fsync(file.descriptor) == 0 else {
      let error = errno
      discard()
      throw .system(error, path: path, action: "write it")
    }
    isFlushed = true
  }

  /// Flushes the file and gives it its name, replacing a file of that name.
  package func commit() throws(AudioError) {
    try flush()
    guard isPending else { return }
    // Only a file with a name can replace another.
    if !hasTemporaryName {
      hasTemporaryName =
        linkat(
          AT_FDCWD, Self.link(to: file.descriptor), AT_FDCWD, temporaryPath, AT_SYMLINK_FOLLOW)
        == 0
    }
    guard hasTemporaryName, rename(temporaryPath, path) == 0 else {
      let error = errno
      discard()
      throw .system(error, path: path, action: "write it")
    }
    isPending = false
    // The name itself should survive a power cut too; not every file system can do that.
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor >= 0 {
      fsync(descriptor)
      close(descriptor)
    }
  }

  /// Removes the temporary file; does nothing after ``commit()``.
  package func discard() {
    guard isPending else { return }
    isPending = false
    if hasTemporaryName { unlink(temporaryPath) }
  }
}
