// SPDX-License-Identifier: MIT
import Audio
import Foundation

/// Where an export goes: a file, or a folder with files.
final class ExportPlace {
  /// The file or folder, without a slash at its end.
  let path: String
  /// What it is called.
  let name: String
  private var madeFolders: [String] = []
  private var files: [FileSink] = []

  /// Checks that an export can go there.
  init(path: String, isFolder: Bool, dropping ending: String? = nil) throws(MixdownError) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    if let ending, path.lowercased().hasSuffix(ending) { path.removeLast(ending.count) }
    guard !path.isEmpty, !path.hasSuffix("/") else {
      throw MixdownError(
        code: .output,
        message: "\(path)\(ending ?? ""): cannot write it: there is no name before "
          + "the ending; add one.")
    }
    self.path = path
    let url = URL(filePath: path).absoluteURL.standardizedFileURL
    name = url.lastPathComponent
    var status = stat()
    let exists = stat(path, &status) == 0
    func refused(_ why: String) -> MixdownError {
      MixdownError(code: .output, message: "\(path): cannot write it: \(why).")
    }
    let kind = status.st_mode & S_IFMT
    if exists, isFolder, kind != S_IFDIR {
      throw refused("a folder is to be made here, and there is a file; choose another name")
    }
    if exists, !isFolder, kind == S_IFDIR {
      throw refused("it is a folder; choose another name")
    }
    if exists, !isFolder, kind != S_IFREG {
      throw refused("it is a device and no file; choose another name")
    }
    let folder = url.deletingLastPathComponent().path
    guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw refused("its folder does not exist; create it first")
    }
  }

  /// Makes a folder where it is missing; it goes again when the export fails.
  func makeFolder(_ folder: String) throws(MixdownError) {
    if mkdir(folder, 0o777) == 0 {
      madeFolders.append(folder)
    } else if errno != EEXIST {
      throw MixdownError(
        code: .output,
        message: "\(folder): cannot make the folder: \(String(cString: strerror(errno))); "
          + "choose another one.")
    }
  }

  /// Begins a file, which has no name yet.
  func makeFile(_ path: String) throws(MixdownError) -> FileSink {
    let file = try FileSink(path: path)
    files.append(file)
    return file
  }

  /// Takes over a file that somebody else has begun.
  func adopt(_ file: FileSink) { files.append(file) }

  /// Gives all files their names.
  ///
  /// - Returns: Their paths.
  func finish(signal: CancellationSignal) throws(MixdownError) -> [String] {
    for file in files { try file.prepare() }
    // From here on it is all or nothing: renaming is quick and no longer asks.
    try signal.check()
    for file in files { try file.finish() }
    return files.map(\.path)
  }

  /// Takes back everything begun.
  func cancel() {
    for file in files { file.cancel() }
    for folder in madeFolders.reversed() { rmdir(folder) }
  }
}
