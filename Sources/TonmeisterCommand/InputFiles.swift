// SPDX-License-Identifier: MIT
import Foundation
import Tonmeister

/// Turns the files and folders of a command line into songs.
struct InputFiles {
  /// A song, or why an argument holds none.
  enum Entry: Equatable {
    case track(path: String)
    case problem(path: String, message: String)
  }

  /// Files below this folder are stems, not songs.
  let excludedFolder: String

  /// The songs in the order of the arguments, those of a folder sorted by path, then those of the manifest, which are
  /// taken for files without a look at them, since there may be millions; each path once.
  func entries(for arguments: [String], manifest: SongManifest? = nil) -> [Entry] {
    // By bytes: two names may be equal as texts, one with composed letters and one without.
    var seen: Set<[UInt8]> = []
    var entries: [Entry] = []
    let listed = (manifest?.paths ?? []).map { [Entry.track(path: $0)] }
    for found in arguments.map(entries(for:)) + listed {
      for entry in found {
        if case .track(let path) = entry {
          guard seen.insert(Self.absolute(path)).inserted else { continue }
        }
        entries.append(entry)
      }
    }
    return entries
  }

  /// The path with all symbolic links resolved.
  static func canonical(_ path: String) -> String {
    URL(filePath: path).resolvingSymlinksInPath().standardizedFileURL.path
  }

  /// The bytes of the path from the root, without `.` and `..`; links stay as they are.
  private static func absolute(_ path: String) -> [UInt8] {
    Array(URL(filePath: path).absoluteURL.standardizedFileURL.path.utf8)
  }

  private func entries(for argument: String) -> [Entry] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: argument, isDirectory: &isFolder) else {
      return [
        .problem(
          path: argument, message: "\(argument): there is no such file or folder; check the name.")
      ]
    }
    guard isFolder.boolValue else { return [.track(path: argument)] }
    let excluded = Self.canonical(excludedFolder) + "/"
    let prefix = argument.hasSuffix("/") ? argument : argument + "/"
    // The enumerator does not follow a link at its root, and is silent about a locked door.
    let root = Self.canonical(argument)
    guard access(root, R_OK | X_OK) == 0 else {
      return [
        .problem(
          path: argument,
          message: "\(argument): the folder cannot be read; change its permissions.")
      ]
    }
    let enumerator = FileManager.default.enumerator(atPath: root)
    var paths: [String] = []
    while let name = enumerator?.nextObject() as? String {
      guard !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }) else { continue }
      let path = prefix + name
      let file = URL(filePath: path)
      guard AudioReader.fileExtensions.contains(file.pathExtension.lowercased()),
        FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
        !isFolder.boolValue, !Self.canonical(path).hasPrefix(excluded)
      else { continue }
      paths.append(path)
    }
    guard !paths.isEmpty else {
      return [
        .problem(
          path: argument,
          message: "\(argument): the folder holds no audio files; name one that holds .wav, "
            + ".flac, .mp3 or other audio.")
      ]
    }
    return paths.sorted().map { .track(path: $0) }
  }
}
