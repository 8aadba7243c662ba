// SPDX-License-Identifier: MIT
import Foundation
import Tonmeister

/// Brings the songs of `tonmeister learn` to what is learned from: takes them apart and measures them.
struct LearningMaterial {
  let songs: [String]
  let isMultitrack: Bool
  /// Its files are no songs.
  let excludedFolder: String
  let modelName: String
  let repo: String?
  let jobs: Int
  let progress: TellingOptions.Progress?
  let console: Console

  /// All songs in their order; what cannot be read is told and left out.
  func collect() async throws -> [LearningSong] {
    isMultitrack ? try await multitracks() : try await finishedSongs()
  }

  private func finishedSongs() async throws -> [LearningSong] {
    let separator = try Separator(
      model: ModelName(rawValue: modelName), repository: repo.map { URL(filePath: $0) })
    var result: [LearningSong] = []
    let entries = InputFiles(excludedFolder: excludedFolder).entries(for: songs)
    for (index, entry) in entries.enumerated() {
      switch entry {
      case .problem(_, let message): console.warning(message)
      case .track(let path):
        var display = ProgressDisplay(progress, console: console)
        defer { display.clear() }
        do {
          let (paths, warnings) = try await StemCache().stems(
            of: URL(filePath: path), by: separator
          ) { display.show($0, file: path) }
          display.clear()
          for warning in warnings { console.warning(warning) }
          let stems = separator.stems.compactMap { stem in paths[stem].map { (stem, $0) } }
          result.append(try await song(path, stems: stems, index, entries.count))
        } catch let error as SeparationError where error.code != .cancelled {
          console.warning("A song is left out: \(error.message)")
        }
      }
    }
    return result
  }

  private func multitracks() async throws -> [LearningSong] {
    var result: [LearningSong] = []
    for (index, folder) in songs.enumerated() {
      let names =
        (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted() ?? []
      var stems: [(String, String)] = []
      for name in names where !name.hasPrefix(".") {
        let file = URL(filePath: folder).appending(path: name)
        let stem = file.deletingPathExtension().lastPathComponent
        guard AudioReader.fileExtensions.contains(file.pathExtension.lowercased()),
          !["mix", "mixture", "master"].contains(stem.lowercased())
        else { continue }
        stems.append((stem, file.path))
      }
      guard !stems.isEmpty else {
        throw CommandError(
          message: "\(folder): holds no stems; with --multitracks, name a folder of audio files "
            + "for each song.")
      }
      result.append(try await song(folder, stems: stems, index, songs.count))
    }
    return result
  }

  /// Measures the stems of a song.
  private func song(
    _ path: String, stems: [(String, String)], _ index: Int, _ count: Int
  ) async throws -> LearningSong {
    let analysed = try await AnalysedStems.analysing(
      stems.map { (name: $0.0, path: $0.1) }, jobs: jobs)
    for stem in analysed.stems { for warning in stem.warnings { console.warning(warning) } }
    let url = URL(filePath: path)
    let name =
      isMultitrack ? url.lastPathComponent : url.deletingPathExtension().lastPathComponent
    // The loudest that is sung.
    let sung = analysed.stems.indices
      .filter { analysed.stems[$0].kind.isSung && !analysed.stems[$0].isSilent }
      .max { analysed.stems[$0].loudnessLUFS < analysed.stems[$1].loudnessLUFS }
    var decay: BlindDecayEstimate?
    if let sung { decay = try await BlindDecayEstimate.reading(stems[sung].1) }
    let song = LearningSong(
      name: name, stems: analysed.stems, vocalDecaySeconds: decay?.seconds)
    let levels = analysed.stems.map { "\($0.name) \($0.loudnessLUFS.text)" }
    console.note(
      "\(index + 1) of \(count), \(name): \(levels.joined(separator: ", ")) LUFS")
    return song
  }
}
