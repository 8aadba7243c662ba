// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// `tonmeister learn`: finished songs in, a model for automatic mixing out.
struct LearnCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learn",
    abstract: "Learns from finished songs how they were mixed.",
    usage: "tonmeister learn [options] SONG… -o FOLDER",
    discussion: """
      Every song is taken apart (its stems are kept, as “remix” does), and measured: how loud the stems \
      are against each other, their ranges, spectra and reverberation. Networks then learn to bring \
      that back. A part of the songs is held out and decides when to stop, and whether what was learned \
      is better than the rules; where it is not, “mix” does not use it.

      FOLDER gets model.safetensors, README.md, which tells what it was learned from and what it is worth, and \
      losses.svg. Interrupted, the same command goes on where it was.

      Exit status: 0 when the model was written, 1 when it was not, 64 on a wrong use of the options, 130 \
      after Ctrl-C.
      """)

  @Argument(help: "Finished songs, or folders of them; with --multitracks, a folder of stems each.")
  var songs: [String]

  @Option(name: .shortAndLong, help: "The folder of the model.")
  var out: String

  @Flag(
    help: """
      Every SONG is a folder that holds the stems of a song at the levels of its mix; files called mix, \
      mixture or master are left out.
      """)
  var multitracks = false

  @Option(
    name: .shortAndLong, help: "The model that takes songs apart; see “tonmeister models list”.")
  var name = "lite"

  @Option(help: "A folder of .safetensors, .th and .yaml models, looked into first.")
  var repo: String?

  @Option(help: "What random numbers begin with.")
  var seed: UInt64 = 0

  @Option(help: "The most times that each network learns from all songs.")
  var epochs = Learner.Options().largestEpochCount

  @Option(help: "The share of the songs that is held out, above 0 and at most 0.5.")
  var heldOut = Learner.Options().heldOutShare

  @Option(
    name: .shortAndLong, help: "How many files are measured at the same time; 0 for one per core.")
  var jobs = 0

  @OptionGroup(title: "What to tell")
  var telling: TellingOptions

  func run() async throws {
    let interruption = Interruption()
    let console = Console(json: telling.json)
    let task = Task { try await learn(console: console) }
    interruption.onSignal { task.cancel() }
    do {
      try await task.value
    } catch {
      throw interruption.failure(
        error, interrupted: "\(out): interrupted; the same command goes on where it was.", console)
    }
  }

  private func learn(console: Console) async throws {
    let progress = try telling.progress?.value(of: "--progress")
    guard (0...256).contains(jobs) else {
      throw CommandError(message: "--jobs \(jobs): give 0 for one per core, or up to 256.")
    }
    var options = Learner.Options()
    options.seed = seed
    options.largestEpochCount = epochs
    options.heldOutShare = heldOut
    try options.check()
    let folder = URL(filePath: out)
    let state = folder.appending(path: "learning.safetensors").path
    try checkFolder(folder, state: state)
    let songs = try await LearningMaterial(
      songs: songs, isMultitrack: multitracks, excludedFolder: out, modelName: name, repo: repo,
      jobs: jobs, progress: progress, console: console
    ).collect()
    var known: Set<String> = []
    let different = songs.filter { song in
      let isNew = known.insert(song.fingerprint).inserted
      if !isNew { console.warning("\(song.name): is the same audio as another song; left out.") }
      return isNew
    }
    let learner = try Learner(songs: different, options: options)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw CommandError(
        message: "\(out): the folder cannot be made; check its name and the permissions.")
    }
    let model = try await ProgressDisplay.show(progress, console: console) {
      (display: inout ProgressDisplay, step: Learner.Progress) in
      display.show(step)
    } during: { report in
      try await learner.learning(state: state, report: report)
    }
    try model.write(to: folder.appending(path: LearnedModel.fileName).path)
    let card = LearnedModelCard(model.card)
    try PictureFile.write(card.picture, to: folder.appending(path: "losses.svg").path)
    try TextFile.write(
      card.text, to: folder.appending(path: "README.md").path, what: "the model's card")
    try? FileManager.default.removeItem(atPath: state)
    if telling.json {
      try console.printJSON(model.card)
    } else {
      for line in card.table { console.say(line) }
      console.say("\(out): use it with “tonmeister mix … --auto cnn,… --learned \(out)”.")
    }
  }

  /// Refuses a folder whose files are not those of a model.
  private func checkFolder(_ folder: URL, state: String) throws(CommandError) {
    let files = FileManager.default
    var place = folder.standardizedFileURL
    while !files.fileExists(atPath: place.path), place.path != "/" {
      place.deleteLastPathComponent()
    }
    guard access(place.path, W_OK | X_OK) == 0 else {
      throw CommandError(
        message: "\(out): the folder cannot be made; check its name and the permissions.")
    }
    let model = folder.appending(path: LearnedModel.fileName).path
    for name in ["README.md", "losses.svg"]
    where files.fileExists(atPath: folder.appending(path: name).path)
      && !files.fileExists(atPath: model) && !files.fileExists(atPath: state)
    {
      throw CommandError(
        message: "\(out): there is a \(name) that is of no model; choose another folder.")
    }
  }
}

extension ProgressDisplay {
  /// One line of `--progress json`.
  private struct LearningLine: Encodable {
    var event = "learning"
    var task: String
    var epoch: Int
    var loss: Double
    var heldOutError: Double
    var smallestError: Double
  }

  /// Shows how far learning is.
  mutating func show(_ progress: Learner.Progress) {
    show(
      Step(
        file: progress.task, fraction: nil, tenths: 1_000 * progress.taskIndex + progress.epoch + 1,
        summary: String(
          format: "%d of %d, epoch %d: loss %.4f, error %.3f (best %.3f)", progress.taskIndex + 1,
          progress.taskCount, progress.epoch, progress.loss, progress.heldOutError,
          progress.smallestError),
        line: LearningLine(
          task: progress.task, epoch: progress.epoch, loss: progress.loss,
          heldOutError: progress.heldOutError, smallestError: progress.smallestError)))
  }
}
