// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// `tonmeister remix`: from a song to a new mix of it.
struct RemixCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remix",
    abstract: "Takes a song apart and mixes it anew.",
    usage: "tonmeister remix [options] SONG",
    discussion: """
      Faders move against the song as it is: “--vocals +3 --drums -2”. With --auto the machine proposes a \
      mix first. The stems are kept below $XDG_CACHE_HOME/tonmeister/stems (~/.cache), so that the next \
      remix of the song takes seconds.

      Exit status: 0 when the mix was written, 1 when it was not, 64 on a wrong use of the options, 130 \
      after Ctrl-C.
      """)

  @Argument(help: "An audio file.")
  var song: String

  @Option(parsing: .unconditional, help: "Move the vocals by so many dB.")
  var vocals: Double?

  @Option(parsing: .unconditional, help: "Move the drums by so many dB.")
  var drums: Double?

  @Option(parsing: .unconditional, help: "Move the bass by so many dB.")
  var bass: Double?

  @Option(parsing: .unconditional, help: "Move everything else by so many dB.")
  var other: Double?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Move any stem of the model by so many dB.", valueName: "stem=dB"))
  var gain: [TrackValue] = []

  @Flag(help: "Leave the vocals out.")
  var instrumental = false

  @Flag(help: "Leave everything but the vocals out.")
  var acapella = false

  @Flag(help: "Leave the vocals as a guide, 18 dB softer.")
  var karaoke = false

  @Flag(help: "Let all advisors decide first; flags then move what they say.")
  var auto = false

  @Option(
    help: ArgumentHelp(
      "Mix to the taste of this listener; with --auto.", valueName: "name"))
  var listener: String?

  @Flag(help: "Tell the reason of every decision; with --auto.")
  var explain = false

  @Option(name: .shortAndLong, help: "The model; see “tonmeister models list”.")
  var name = "lite"

  @Option(help: "A folder of .safetensors, .th and .yaml models, looked into first.")
  var repo: String?

  @OptionGroup(title: "Where and how to write")
  var output: MixOutputOptions

  @OptionGroup(title: "What to tell")
  var telling: TellingOptions

  func validate() throws {
    guard [instrumental, acapella, karaoke].filter({ $0 }).count <= 1 else {
      throw ValidationError("--instrumental, --acapella and --karaoke exclude each other.")
    }
    guard auto || (!explain && listener == nil) else {
      throw ValidationError("--explain and --listener are for --auto; add it.")
    }
  }

  func run() async throws {
    let interruption = Interruption()
    let console = Console(json: telling.json)
    let out = output.out ?? defaultOut
    let task = Task { try await remix(to: out, console: console) }
    interruption.onSignal { task.cancel() }
    do {
      try await task.value
    } catch {
      throw interruption.failure(
        error, interrupted: "\(out): interrupted; nothing was written.", console)
    }
  }

  /// The song's name with what was done to it.
  private var defaultOut: String {
    let what =
      instrumental
      ? "instrumental" : acapella ? "acapella" : karaoke ? "karaoke" : "remix"
    return URL(filePath: song).deletingPathExtension().lastPathComponent + "-\(what).wav"
  }

  private func remix(to out: String, console: Console) async throws {
    let progress = try telling.progress?.value(of: "--progress")
    let format = try output.format(of: out)
    try output.checkPaths(inputs: [song], out: out)
    try output.options.validate()
    let separator = try Separator(
      model: ModelName(rawValue: name), repository: repo.map { URL(filePath: $0) })
    let moves = try moves(separator.stems)
    let paths = try await stems(separator, progress: progress, console: console)
    let stems = separator.stems.compactMap { stem in paths[stem].map { (name: stem, path: $0) } }
    var plan = MixPlan(trackNames: stems.map(\.name))
    let automatic = AutoMixOptions(auto: .all, listener: listener, explain: explain)
    if auto {
      plan = try await automatic.propose(
        plan, stems: stems, from: song, jobs: output.jobs, progress: progress,
        console: console)
    }
    for index in plan.tracks.indices {
      let track = plan.tracks[index]
      if let move = moves[track.name], move != 0 {
        plan.tracks[index].gainDB = min(
          max(track.gainDB + move, Track.gain.range.lowerBound), Track.gain.range.upperBound)
        if let reason = track.because["gain"] {
          plan.tracks[index].because["gain"] = reason + "; moved by hand, \(move.text) dB"
        }
      }
      if instrumental { plan.tracks[index].mute = track.name == "vocals" }
      if acapella { plan.tracks[index].mute = track.name != "vocals" }
    }
    if auto { automatic.tell(plan, console) }
    try await MixCommand.mix(
      plan, stemPaths: stems.map(\.path), out: out, format: format, normalization: .loudness,
      output: output, telling: telling, console: console)
  }

  /// How far each stem is moved, in dB.
  private func moves(_ stems: [String]) throws(CommandError) -> [String: Double] {
    var moves: [String: Double] = [:]
    func add(_ stem: String, _ value: Double?, _ option: String) throws(CommandError) {
      guard let value else { return }
      guard stems.contains(stem) else {
        throw CommandError(
          message: "\(option): the model “\(name)” has no stem “\(stem)”; choose among: "
            + stems.joined(separator: ", ") + ".")
      }
      let range = Track.gain.range
      guard range.contains(value) else {
        throw CommandError(
          message: "\(option) \(value): moves are \(Int(range.lowerBound)) to "
            + "\(Int(range.upperBound)) dB.")
      }
      moves[stem, default: 0] += value
    }
    try add("vocals", vocals, "--vocals")
    try add("drums", drums, "--drums")
    try add("bass", bass, "--bass")
    try add("other", other, "--other")
    for entry in gain { try add(entry.track, entry.value, "--gain") }
    if instrumental { try add("vocals", 0, "--instrumental") }
    if acapella { try add("vocals", 0, "--acapella") }
    if karaoke { try add("vocals", -18, "--karaoke") }
    return moves
  }

  private func stems(
    _ separator: Separator, progress: TellingOptions.Progress?, console: Console
  ) async throws -> [String: String] {
    var display = ProgressDisplay(progress, console: console)
    defer { display.clear() }
    let (paths, warnings) = try await StemCache().stems(of: URL(filePath: song), by: separator) {
      display.show($0, file: song)
    }
    display.clear()
    for warning in warnings { console.warning(warning) }
    return paths
  }
}
