// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// `tonmeister fit-reverb`: a measured room in, the room of a plan out.
struct FitReverbCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit-reverb",
    abstract: "Fits the reverb of a plan to the impulse response of a room.",
    usage: "tonmeister fit-reverb [options] FILE",
    discussion: """
      Measures reverberation times after ISO 3382-1, and searches for the room of our reverb that answers \
      an impulse most like it. Tracks are in that room as far as they send into it (reverbSend in the plan): \
      give a plan with --plan to have its room replaced, or copy the \
      “reverb” of what is written into one.

      Exit status: 0 when a room was found, 1 when not, 64 on a wrong use of the options, 130 after Ctrl-C.
      """)

  @Argument(help: "The impulse response, an audio file of 20 s at most.")
  var file: String

  @Option(name: .shortAndLong, help: "Write a plan with the room, as JSON.")
  var out: String?

  @Option(help: "The plan whose room is replaced; by default a plan of nothing but the room.")
  var plan: String?

  @Option(help: "How many generations are bred.")
  var generations = ReverbFit.Options().generationCount

  @Option(help: "How many rooms there are in a generation.")
  var population = ReverbFit.Options().populationCount

  @Option(help: "What chance begins with: the same number gives the same room.")
  var seed: UInt64 = ReverbFit.Options().seed

  @Option(name: .shortAndLong, help: "How many threads work; 0 for one per core.")
  var jobs = 0

  @OptionGroup(title: "What to tell")
  var telling: MeasuringOptions

  func validate() throws {
    guard (0...1000).contains(generations), (4...1000).contains(population), jobs >= 0 else {
      throw ValidationError("Give 0 to 1000 generations of 4 to 1000 rooms, and 0 or more jobs.")
    }
    guard plan == nil || out != nil else {
      throw ValidationError("--plan is for -o; name the file to write.")
    }
  }

  func run() async throws {
    let interruption = Interruption()
    let console = Console(json: telling.json)
    do {
      if let out { try check(out) }
      let task = Task { try await fit(console) }
      interruption.onSignal { task.cancel() }
      try await task.value
    } catch {
      throw interruption.failure(
        error, interrupted: "\(file): interrupted; nothing was written.", console)
    }
  }

  private func fit(_ console: Console) async throws {
    let choice = try telling.progress?.value(of: "--progress")
    var plan = try self.plan.map { (file) throws(CommandError) in try PlanOptions.read(file) }
    let response = try ImpulseResponse(path: file)
    for warning in response.warnings { console.warning(warning) }
    var options = ReverbFit.Options()
    options.generationCount = generations
    options.populationCount = population
    options.seed = seed
    options.jobs = jobs
    let fit = try await search(response, options, choice, console)
    if let out {
      plan = plan ?? MixPlan()
      plan?.reverb = fit.room
      if let plan { try TextFile.write(plan.text, to: out, what: "the plan") }
    }
    try tell(fit, response, console)
  }

  /// Throws where the plan could not be written at the end, or would overwrite the response.
  private func check(_ out: String) throws(CommandError) {
    guard InputFiles.canonical(out) != InputFiles.canonical(file) else {
      throw CommandError(message: "\(file): the plan would overwrite it; choose another --out.")
    }
    try TextFile.check(out, of: "--out")
  }

  private func search(
    _ response: ImpulseResponse, _ options: ReverbFit.Options, _ choice: TellingOptions.Progress?,
    _ console: Console
  ) async throws -> ReverbFit {
    let file = file
    return try await ProgressDisplay.show(choice, console: console) {
      (display: inout ProgressDisplay, step: ReverbFit.Progress) in
      display.show(step, file: file)
    } during: { report in
      try await ReverbFit.searching(response, options: options, report: report)
    }
  }

  // MARK: - Telling

  private func tell(_ fit: ReverbFit, _ response: ImpulseResponse, _ console: Console) throws {
    if telling.json {
      try console.printJSON(
        Report(
          file: URL(filePath: file).absoluteURL.path,
          plan: out.map { URL(filePath: $0).absoluteURL.path },
          seconds: response.seconds, hadDirectSound: response.hadDirectSound,
          measuredRT60: Times(fit.measured), fittedRT60: Times(fit.fitted),
          distanceDB: fit.distanceDB, standardDistanceDB: fit.standardDistanceDB,
          room: Room(fit.room)))
      return
    }
    func text(_ seconds: Double?) -> String { seconds.map { "\($0.text2) s" } ?? "–" }
    var rows = [
      ["broadband", text(fit.measured.broadband?.seconds), text(fit.fitted.broadband?.seconds)],
      ["low (44–177 Hz)", text(fit.measured.low), text(fit.fitted.low)],
      ["mid (354–2828 Hz)", text(fit.measured.mid), text(fit.fitted.mid)],
      ["high (highest octave)", text(fit.measured.high), text(fit.fitted.high)],
    ]
    for (measured, fitted) in zip(fit.measured.octaves, fit.fitted.octaves) {
      rows.append([
        "octave \(Int(measured.centreHz.rounded())) Hz", text(measured.time?.seconds),
        text(fitted.time?.seconds),
      ])
    }
    for line in TextTable.lines(header: ["RT60", "measured", "fitted"], rows: rows) {
      console.say(line)
    }
    console.say(
      "The spectrograms are \(fit.distanceDB.text2) dB apart; the standard room's is "
        + "\(fit.standardDistanceDB.text2) dB apart.")
    let room = fit.room
    console.say(
      "The room: \(room.decayLowSeconds.text2), \(room.decayMidSeconds.text2) and "
        + "\(room.decayHighSeconds.text2) s around \(room.crossoverLowHz.text) and "
        + "\(room.crossoverHighHz.text) Hz, pre-delay \(room.preDelayMilliseconds.text) ms, early "
        + "reflections \(room.earlyDB.text) dB, width \(room.width.text2), gain \(room.gainDB.text) dB"
        + (out.map { " → \($0)" } ?? "."))
  }

  private struct Report: Encodable {
    var file: String
    var plan: String?
    var seconds: Double
    var hadDirectSound: Bool
    var measuredRT60: Times
    var fittedRT60: Times
    var distanceDB: Double
    var standardDistanceDB: Double
    var room: Room
  }

  /// Reverberation times in seconds.
  private struct Times: Encodable {
    struct Octave: Encodable {
      var centreHz: Double
      var seconds: Double?
      var rangeDB: Int?
    }

    var broadband: Double?
    var low: Double?
    var mid: Double?
    var high: Double?
    var octaves: [Octave]

    init(_ measurement: DecayMeasurement) {
      broadband = measurement.broadband?.seconds
      low = measurement.low
      mid = measurement.mid
      high = measurement.high
      octaves = measurement.octaves.map {
        Octave(centreHz: $0.centreHz, seconds: $0.time?.seconds, rangeDB: $0.time?.rangeDB)
      }
    }
  }

  /// The values of the room, under the names that they have in a plan.
  private struct Room: Encodable {
    var gain: Double
    var decayLow: Double
    var decayMid: Double
    var decayHigh: Double
    var crossoverLow: Double
    var crossoverHigh: Double
    var preDelay: Double
    var early: Double
    var width: Double
    var highPassHz: Double?
    var lowPassHz: Double?

    init(_ room: Reverb) {
      gain = room.gainDB
      (decayLow, decayMid, decayHigh) = (
        room.decayLowSeconds, room.decayMidSeconds, room.decayHighSeconds
      )
      (crossoverLow, crossoverHigh) = (room.crossoverLowHz, room.crossoverHighHz)
      preDelay = room.preDelayMilliseconds
      early = room.earlyDB
      width = room.width
      highPassHz = room.highPass?.frequencyHz
      lowPassHz = room.lowPass?.frequencyHz
    }
  }
}

extension ProgressDisplay {
  /// One line of `--progress json`.
  private struct SearchLine: Encodable {
    var event = "search"
    var generation: Int
    var generationCount: Int
    var distanceDB: Double
  }

  /// Shows how many generations have been bred.
  fileprivate mutating func show(_ progress: ReverbFit.Progress, file: String) {
    let fraction = Double(progress.generation) / Double(max(1, progress.generationCount))
    show(
      Step(
        file: file, fraction: fraction, tenths: Int(fraction * 10),
        summary: "\(progress.generation) of \(progress.generationCount) generations, "
          + "\(progress.distanceDB.text2) dB",
        line: SearchLine(
          generation: progress.generation, generationCount: progress.generationCount,
          distanceDB: progress.distanceDB)))
  }
}
