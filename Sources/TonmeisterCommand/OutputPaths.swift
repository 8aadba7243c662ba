// SPDX-License-Identifier: MIT
import Foundation
import Tonmeister

/// Gives every song of a command paths of its own.
struct OutputPaths {
  /// The paths of one song.
  struct Claim {
    /// Absolute paths by the name of the stem.
    var paths: [String: String]
    /// The folder to tell a person, as they named it.
    var folder: String
    /// What a person should know about the names.
    var note: String?

    /// Throws where a stem would overwrite the song.
    func check(_ input: String) throws(SeparationError) {
      guard !paths.values.contains(InputFiles.canonical(input)) else {
        throw SeparationError(
          code: .invalidOption,
          message: "\(input): a stem would overwrite the song; choose another folder with --out.")
      }
    }

    /// Whether every stem is there.
    var allExist: Bool {
      paths.values.allSatisfy { path in
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? Int).map { $0 > 0 } ?? false
      }
    }
  }

  private let folder: String
  private let pattern: FileNamePattern
  private let fileExtension: String
  private var owners: [String: String] = [:]  // the song of each path
  /// How often each name was tried, and the song that had it first.
  private var namesakes: [String: (count: Int, owner: String?)] = [:]

  init(folder: String, model: String, pattern: FileNamePattern, fileExtension: String) {
    self.folder = (folder.hasSuffix("/") ? folder : folder + "/") + model
    self.pattern = pattern
    self.fileExtension = fileExtension
  }

  /// The name before the last dot and the ending behind it.
  private static func split(_ name: String) -> (name: String, fileExtension: String) {
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return (name, "") }
    return (String(name[..<dot]), String(name[name.index(after: dot)...]))
  }

  /// Claims the paths of the song at `input`.
  ///
  /// A second song of the same name gets “ (2)” behind its name.
  mutating func claim(for input: String, stems: [String]) throws(SeparationError) -> Claim {
    let (name, trackExtension) = Self.split(URL(filePath: input).lastPathComponent)
    // Of a thousand songs of one name, none looks at the names of all others.
    let key = "\(name).\(trackExtension)"
    var (attempt, owner) = namesakes[key] ?? (0, nil)
    while true {
      attempt += 1
      namesakes[key] = (attempt, owner ?? input)
      let track = attempt == 1 ? name : "\(name) (\(attempt))"
      var paths: [String: String] = [:]
      var folders: Set<String> = []
      for stem in stems {
        let values = FileNamePattern.Values(
          track: track, trackExtension: trackExtension, stem: stem,
          fileExtension: fileExtension)
        let path = "\(folder)/\(pattern.path(values))"
        paths[stem] = URL(filePath: path).absoluteURL.standardizedFileURL.path
        folders.insert(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
      }
      guard let taken = paths.values.compactMap({ owners[$0] }).first else {
        for path in paths.values { owners[path] = input }
        var claim = Claim(
          paths: paths, folder: folders.count == 1 ? folders.first ?? folder : folder)
        if let owner {
          claim.note =
            "\(input): “\(owner)” has the same name; its stems are written as “\(track)”."
        }
        return claim
      }
      owner = owner ?? taken
      guard pattern.namesTrack else { break }
    }
    throw SeparationError(
      code: .invalidOption,
      message: "\(input): its stems would overwrite those of “\(owner ?? "")”; "
        + "put {track} into --filename.")
  }
}
