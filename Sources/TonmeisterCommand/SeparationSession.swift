// SPDX-License-Identifier: MIT
import Foundation
import Tonmeister

/// Separates the songs of one command, one after the other.
struct SeparationSession: Sendable {
  let separator: Separator
  let files: [String]
  /// Songs beside `files`.
  let manifest: SongManifest?
  let shard: Shard
  let selection: StemSelection
  let output: OutputOptions
  let clipMode: ClipMode
  let progress: TellingOptions.Progress?
  let isVerbose: Bool
  let console: Console

  /// Separates all songs; those that fail do not keep the others from being separated.
  func run() async -> SeparationReport {
    var report = SeparationReport(
      model: separator.model.name.rawValue, precision: separator.precision.rawValue,
      out: URL(filePath: output.out).absoluteURL.path)
    var paths = OutputPaths(
      folder: output.out, model: report.model, pattern: output.filename,
      fileExtension: output.format.fileExtension)
    if isVerbose { describe() }
    let inputs = InputFiles(excludedFolder: "\(output.out)/\(report.model)")
    for (position, entry) in inputs.entries(for: files, manifest: manifest).enumerated() {
      switch entry {
      case .problem where !shard.contains(position): continue
      case .track(let path) where !shard.contains(position):
        // Another part of the list: it has its names there, too.
        _ = try? claim(path, in: &paths)
      case .problem(let path, let message):
        console.error(message)
        report.tracks.append(.init(input: path, status: .failed, error: message))
      case .track(let path) where Task.isCancelled:
        report.tracks.append(
          .init(input: path, status: .interrupted, error: "The separation was not begun."))
      case .track(let path):
        report.tracks.append(await separate(path, paths: &paths))
      }
    }
    report.peakMemoryBytes = peakMemoryBytes()
    return report
  }

  private func separate(
    _ path: String, paths: inout OutputPaths
  ) async -> SeparationReport.Track {
    var display = ProgressDisplay(progress, console: console)
    do {
      let claim = try claim(path, in: &paths)
      try claim.check(path)
      if let note = claim.note { console.warning(note) }
      if output.skipExisting || manifest != nil, claim.allExist {
        console.say("\(path): skipped, the stems are there")
        return .init(input: path, status: .skipped, stems: claim.paths)
      }
      let files = StemFiles(
        paths: claim.paths, format: output.format, clipMode: clipMode,
        selection: selection)
      for try await event in separator.separate(URL(filePath: path), to: files) {
        switch event {
        case .progress(let progress): display.show(progress, file: path)
        case .finished(let track):
          display.clear()
          return finish(track, path: path, folder: claim.folder)
        }
      }
      return .init(input: path, status: .interrupted)
    } catch {
      display.clear()
      return fail(error, path: path)
    }
  }

  private func claim(
    _ path: String, in paths: inout OutputPaths
  ) throws(SeparationError) -> OutputPaths.Claim {
    let names = try StemFiles.names(for: selection, stems: separator.stems)
    return try paths.claim(for: path, stems: names)
  }

  private func finish(
    _ track: SeparatedTrack, path: String, folder: String
  ) -> SeparationReport.Track {
    for warning in track.warnings { console.warning(warning) }
    let rate = track.seconds / max(track.elapsedSeconds, 1e-9)
    console.say(
      "\(path) → \(folder) (\(track.files.keys.sorted().joined(separator: ", "))): "
        + String(
          format: "%.1f s of audio in %.1f s, %.1f × real time, peak memory %.0f MB, ",
          track.seconds, track.elapsedSeconds, rate, Double(peakMemoryBytes()) / 1e6)
        + separator.precision.rawValue)
    return .init(
      input: path, status: .separated, warnings: track.warnings, stems: track.files,
      sampleRate: track.sampleRate, frames: track.frameCount, seconds: track.seconds,
      elapsedSeconds: track.elapsedSeconds, timesRealTime: rate)
  }

  private func fail(_ error: any Error, path: String) -> SeparationReport.Track {
    guard let error = error as? SeparationError else {
      console.error("\(path): \(error)")
      return .init(input: path, status: .failed, error: "\(error)")
    }
    if error.code == .cancelled {
      console.error("\(path): interrupted; nothing was written.")
      return .init(input: path, status: .interrupted, error: error.message)
    }
    // An error about another path does not say which song was lost.
    let full = URL(filePath: path).path
    let message =
      if error.message.hasPrefix(path) {
        error.message
      } else if error.message.hasPrefix(full) {
        path + error.message.dropFirst(full.count)
      } else {
        "\(path): \(error.message)"
      }
    console.error(message)
    return .init(input: path, status: .failed, error: message)
  }
}
