// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import ModelStore
import Tonmeister

/// `tonmeister separate`: songs in, stems out.
struct SeparateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "separate",
    abstract: "Takes songs apart into stems.",
    usage: "tonmeister separate [options] FILE…",
    discussion: """
      The stems are written to OUT/MODEL/TRACK/STEM.EXT, as Demucs does. Folders are searched for \
      audio files at any depth.

      Exit status: 0 when every track was separated, 1 when one was not (the others still are) or \
      an option has an unknown value, 64 on a wrong use of the options, 130 after Ctrl-C.
      """)

  @Argument(help: "Audio files, or folders of them.")
  var files: [String] = []

  @Option(
    help: """
      A list of songs: CSV with the column “path”, or a path in each line, from its own folder on. \
      Songs whose stems are all there are left out, so that the same command goes on where it ended: add songs \
      at the end, since those of one name are told apart by their order, and take another --out for other settings.
      """)
  var manifest: String?

  @Option(
    help: """
      Separates only a part of the songs: 3/16 is the third one and every sixteenth behind it. \
      Names of stems are those of the whole list, so that parts may run on several machines.
      """)
  var shard: Shard = .all

  @Option(name: .shortAndLong, help: "The model; see “tonmeister models list”.")
  var name = "lite"

  @Option(help: "A folder of .safetensors, .th and .yaml models, looked into first.")
  var repo: String?

  @Flag(help: "List the models and stop.")
  var listModels = false

  @OptionGroup(title: "What to write")
  var stemOptions: StemOptions

  @OptionGroup(title: "Where and how to write")
  var outputOptions: OutputOptions

  @OptionGroup(title: "How to separate")
  var quality: QualityOptions

  @OptionGroup(title: "What to tell")
  var telling: TellingOptions

  func validate() throws {
    guard listModels || !files.isEmpty || manifest != nil else {
      throw ValidationError("Name at least one audio file or folder, or a list with --manifest.")
    }
  }

  func run() async throws {
    if listModels {
      try ModelsListCommand.printTable(repo: repo, json: telling.json)
      return
    }
    let interruption = Interruption()
    let console = Console(json: telling.json)
    let session: SeparationSession
    do {
      session = try makeSession(console: console)
    } catch let error as SeparationError {
      console.error(message(error))
      throw ExitCode.failure
    } catch let error as CommandError {
      console.error(error.message)
      throw ExitCode.failure
    }
    let task = Task { await session.run() }
    interruption.onSignal { task.cancel() }
    let report = await task.value
    if telling.json { try console.printJSON(report) }
    if let signal = interruption.received {
      // A worker may be in the middle of a segment: the libraries must not be taken down under it.
      fflush(nil)
      _exit(128 + signal)
    }
    if report.tracks.contains(where: { $0.status == .failed }) { throw ExitCode.failure }
  }

  private func makeSession(console: Console) throws -> SeparationSession {
    try outputOptions.checkValues()
    let progress = try telling.progress?.value(of: "--progress")
    let separator = try Separator(
      model: ModelName(rawValue: name), options: try quality.separatorOptions(outputOptions),
      repository: repo.map { URL(filePath: $0) })
    return SeparationSession(
      separator: separator, files: files,
      manifest: try manifest.map { (file) throws(CommandError) in try SongManifest(file: file) },
      shard: shard, selection: try stemOptions.selection(separator.stems), output: outputOptions,
      clipMode: try outputOptions.clipMode.value(of: "--clip-mode"),
      progress: progress, isVerbose: telling.verbose, console: console)
  }

  /// The sentence of an error, with the remedy that only the command line knows.
  private func message(_ error: SeparationError) -> String {
    guard error.code == .unknownModel, repo == nil,
      ModelCatalogue.model(named: ModelName(rawValue: name)) != nil
    else { return error.message }
    return "The model “\(name)” has not been fetched; do that with “tonmeister models pull "
      + "\(name)”."
  }
}
