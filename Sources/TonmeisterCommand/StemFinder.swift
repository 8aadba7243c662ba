// SPDX-License-Identifier: MIT
import Foundation
import Tonmeister

/// Finds the audio of a plan's tracks beside the plan.
struct StemFinder {
  /// Endings in the order in which they are preferred: what is kept without loss comes first.
  private static let preferred = [
    "wav", "wave", "bwf", "rf64", "w64", "aif", "aiff", "flac", "caf",
  ]

  /// A file for each track, in the order of the tracks.
  ///
  /// A track is found by its name; what no file system takes in a name may be “_” in that of the file.
  static func stems(of plan: MixPlan, file: String) throws(CommandError) -> [String] {
    let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    let entries =
      (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
    var found: [String: [String]] = [:]  // file names by name without ending
    for entry in entries.sorted() {
      let url = URL(filePath: entry)
      guard !entry.hasPrefix("."),
        AudioReader.fileExtensions.contains(url.pathExtension.lowercased())
      else { continue }
      found[url.deletingPathExtension().lastPathComponent, default: []].append(entry)
    }
    var paths: [String] = []
    var missing: [String] = []
    for track in plan.tracks {
      let names = found[track.name] ?? found[SessionExporter.fileName(of: track.name)] ?? []
      if let best = names.min(by: { rank($0) < rank($1) }) {
        paths.append(folder + best)
      } else {
        missing.append("“\(track.name)”")
      }
    }
    guard missing.isEmpty else {
      throw CommandError(
        message:
          "\(file): there is no audio beside the plan for \(missing.joined(separator: ", ")); "
          + "put a file called as the track beside it, or name the stems after the plan.")
    }
    return paths
  }

  private static func rank(_ name: String) -> Int {
    preferred.firstIndex(of: URL(filePath: name).pathExtension.lowercased()) ?? preferred.count
  }
}
