// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// `tonmeister export`: stems and a plan in, a session for a DAW or files for others out.
struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a mix as a DAW session, a stem file or broadcast WAV.",
    usage: "tonmeister export PLAN [STEM…] --format FORMAT -o OUT",
    discussion: """
      Stems are matched with the tracks of the plan by their names; where none are given, they are looked \
      for beside the plan. Stems begin together, are resampled to the rate of the project, and are silent \
      behind their ends. What a format cannot carry is told in a note.

      Exit status: 0 when the export was written, 1 when it was not, 64 on a wrong use of the options, 130 \
      after Ctrl-C.
      """)

  @Argument(help: "The mix plan, a JSON file.")
  var plan: String

  @Argument(
    help: """
      Audio files, one for each track, as FILE or TRACK=FILE; by default those beside the plan.
      """)
  var stems: [StemArgument] = []

  @Option(
    help: """
      What to write: “dawproject” (Bitwig, Studio One, Cubase and others), “reaper” (a folder), \
      “stem.mp4” (for DJs) or “bwf” (a folder of broadcast WAV). By default what the ending of --out says.
      """)
  var format: Choice<SessionExporter.Format>?

  @OptionGroup(title: "Where and how to write")
  var output: ExportOutputOptions

  @OptionGroup(title: "What to tell")
  var telling: TellingOptions

  func run() async throws {
    let interruption = Interruption()
    let console = Console(json: telling.json)
    do {
      let format = try chosenFormat()
      let plan = try PlanOptions.read(plan)
      let paths =
        stems.isEmpty
        ? try StemFinder.stems(of: plan, file: self.plan)
        : try PlanOptions.match(plan, file: self.plan, stems: stems)
      let progress = try telling.progress?.value(of: "--progress")
      let options = try output.options(format)
      try checkPaths(paths, format)
      let exporter = try SessionExporter(
        plan: plan, stemPaths: paths, format: format, options: options)
      let task = Task { try await export(exporter, progress: progress, console: console) }
      interruption.onSignal { task.cancel() }
      try tell(try await task.value, format: format, console: console)
    } catch {
      throw interruption.failure(
        error, interrupted: "\(output.out): interrupted; nothing was written.", console)
    }
  }

  private func chosenFormat() throws(CommandError) -> SessionExporter.Format {
    let out = output.out.lowercased()
    if let format = try format?.value(of: "--format") {
      if format == .dawproject, !out.hasSuffix(".dawproject") {
        throw CommandError(
          message: "--out \(output.out): a DAWproject ends in .dawproject; add that to the name.")
      }
      if format == .stemMP4, !out.hasSuffix(".stem.mp4"), !out.hasSuffix(".stem.m4a") {
        throw CommandError(
          message: "--out \(output.out): a stem file ends in .stem.mp4; add that to the name.")
      }
      return format
    }
    if out.hasSuffix(".dawproject") { return .dawproject }
    if out.hasSuffix(".rpp") { return .reaper }
    if out.hasSuffix(".stem.mp4") || out.hasSuffix(".stem.m4a") { return .stemMP4 }
    let known = Choice<SessionExporter.Format>.allValueStrings.joined(separator: ", ")
    throw CommandError(
      message:
        "--out \(output.out): the ending names no format; choose one with --format: \(known).")
  }

  private func export(
    _ exporter: SessionExporter, progress: TellingOptions.Progress?, console: Console
  ) async throws -> SessionExport {
    let file = output.out
    return try await ProgressDisplay.show(progress, console: console) {
      (display: inout ProgressDisplay, step: MixdownProgress) in
      display.show(step, file: file)
    } during: { report in
      try await exporter.export(to: file, progress: report)
    }
  }

  /// Throws where the export would overwrite the plan or a stem.
  private func checkPaths(
    _ stemPaths: [String], _ format: SessionExporter.Format
  ) throws(CommandError) {
    let out = InputFiles.canonical(output.out)
    let project = out.lowercased().hasSuffix(".rpp") ? String(out.dropLast(4)) : out
    for path in stemPaths + [plan] {
      let input = InputFiles.canonical(path)
      guard input != out else {
        throw CommandError(message: "\(path): the export would overwrite it; choose another --out.")
      }
      let folder = format == .bwf ? out : format == .reaper ? "\(project)/audio" : nil
      if let folder, input.hasPrefix(folder + "/") {
        throw CommandError(
          message: "\(path): it lies in the folder that is written; choose another --out.")
      }
    }
  }

  private func tell(
    _ export: SessionExport, format: SessionExporter.Format, console: Console
  ) throws {
    for warning in export.warnings { console.warning(warning) }
    func absolute(_ path: String) -> String { URL(filePath: path).absoluteURL.path }
    if telling.json {
      try console.printJSON(
        ExportReport(
          format: format.rawValue, export: absolute(export.path),
          files: export.files.map(absolute), tracks: export.tracks,
          sampleRate: export.sampleRate, frames: export.frameCount, seconds: export.seconds,
          gainDB: export.gainDB, notes: export.notes, warnings: export.warnings,
          elapsedSeconds: export.elapsedSeconds, peakMemoryBytes: peakMemoryBytes()))
      return
    }
    console.say(
      "\(plan) → \(export.path): \(export.tracks.joined(separator: ", ")); "
        + String(
          format: "%.1f s of audio at %d Hz in %.1f s", export.seconds, export.sampleRate,
          export.elapsedSeconds))
    for note in export.notes { console.say("note: \(note)") }
  }
}

/// What `tonmeister export --json` prints.
struct ExportReport: Encodable {
  var format: String
  var export: String
  var files: [String]
  var tracks: [String]
  var sampleRate: Int
  var frames: Int
  var seconds: Double
  var gainDB: Double
  var notes: [String]
  var warnings: [String]
  var elapsedSeconds: Double
  var peakMemoryBytes: Int
}
