// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// `tonmeister mix`: stems and a plan in, a finished mix out.
struct MixCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mix",
    abstract: "Mixes stems after a plan.",
    usage: """
      tonmeister mix [options] STEM… -o FILE
      tonmeister mix [options] --vocal FILE --backing FILE -o FILE
      """,
    discussion: """
      Every stem is a track that is called as its file without the ending, or as you say: \
      drums=take-7.wav. Stems begin together, are \
      resampled to the rate of the mix, and are silent behind their ends; the mix is as long as \
      the longest.

      Exit status: 0 when the mix was written, 1 when it was not, 64 on a wrong use of the options, 130 \
      after Ctrl-C.
      """)

  @Argument(help: "Audio files, one for each track, as FILE or TRACK=FILE.")
  var stems: [StemArgument] = []

  @OptionGroup(title: "How to mix (flags override the plan)")
  var planOptions: PlanOptions

  @OptionGroup(title: "What the machine decides")
  var automatic: AutoMixOptions

  @OptionGroup(title: "A vocal over its backing")
  var vocals: VocalOptions

  @OptionGroup(title: "Where and how to write")
  var output: MixOutputOptions

  @OptionGroup(title: "What to tell")
  var telling: TellingOptions

  func validate() throws {
    try vocals.check(hasStems: !stems.isEmpty)
    guard output.out != nil else {
      throw ValidationError("Name the file of the mix with -o or --out.")
    }
  }

  func run() async throws {
    let interruption = Interruption()
    let console = Console(json: telling.json)
    let out = output.out ?? ""
    do {
      let format = try output.format(of: out)
      let others = [planOptions.plan, automatic.learned].compactMap { $0 }
      try output.checkPaths(
        inputs: stems.map(\.path) + vocals.inputs + others, out: out,
        further: vocals.vocalOut.map { ("--vocal-out", $0) })
      let task = Task { try await mix(to: out, format: format, console: console) }
      interruption.onSignal { task.cancel() }
      try await task.value
    } catch {
      throw interruption.failure(
        error, interrupted: "\(out): interrupted; the mix was not written.", console)
    }
  }

  /// Finds the plan and mixes after it.
  private func mix(
    to out: String, format: AudioFileFormat, console: Console
  ) async throws {
    let progress = try telling.progress?.value(of: "--progress")
    try output.options.validate()
    if vocals.vocal != nil {
      try automatic.checkForVocal()
      var targets = VocalTargets()
      try vocals.change(&targets)
    }
    if vocals.vocal != nil, vocals.vocalOut == nil, output.writePlan != nil {
      console.note("The plan is for the prepared vocal, which --vocal-out would keep.")
    }
    let session = try await VocalSession.prepare(
      vocals, progress: progress, explain: automatic.explain, console: console)
    defer { session?.close() }
    let (plan, paths, normalization) = try await planOptions.resolve(
      stems: session?.stems ?? stems
    ) {
      // A plan that is there decides, unless the advisors are asked for.
      if session != nil, planOptions.plan != nil, automatic.auto == nil { return $0 }
      if let session {
        return try await automatic.propose(
          $0, vocal: session, stems: $1, jobs: output.jobs, progress: progress, console: console)
      }
      return try await automatic.propose(
        $0, stems: $1, jobs: output.jobs, progress: progress, console: console)
    }
    let isProposed = automatic.auto != nil || (session != nil && planOptions.plan == nil)
    if isProposed { automatic.tell(plan, console) }
    try await Self.mix(
      plan, stemPaths: paths, out: out, format: format, normalization: normalization,
      output: output, telling: telling, console: console)
  }

  /// Mixes, writes the plan where that was asked for, and tells what came of it.
  static func mix(
    _ plan: MixPlan, stemPaths: [String], out: String, format: AudioFileFormat,
    normalization: Mixer.Normalization, output: MixOutputOptions, telling: TellingOptions,
    console: Console
  ) async throws {
    var options = output.options
    options.normalization = normalization
    let mixer = try Mixer(plan: plan, stemPaths: stemPaths, options: options)
    let files = MixFiles(mix: out, format: format, stemsFolder: output.stemsOut)
    let progress = try telling.progress?.value(of: "--progress")
    let result = try await mix(mixer, to: files, progress: progress, console: console)
    if let file = output.writePlan {
      if normalization == .peak, plan.master.compressor != nil {
        console.warning(
          "\(file): a plan cannot say --normalize peak; mix after it with that option")
      }
      try TextFile.write(
        (normalization == .peak ? levelled(plan, result) : plan).text, to: file, what: "the plan")
    }
    try tell(result, plan: plan, output: output, telling: telling, console: console)
  }

  private static func mix(
    _ mixer: Mixer, to files: MixFiles, progress: TellingOptions.Progress?, console: Console
  ) async throws -> MixdownResult {
    var display = ProgressDisplay(progress, console: console)
    defer { display.clear() }
    for try await event in mixer.mix(to: files) {
      switch event {
      case .progress(let progress): display.show(progress, file: files.mix)
      case .finished(let result): return result
      }
    }
    throw CommandError(message: "\(files.mix): the mix ended early.")
  }

  /// The plan with the gain that made its largest sample full scale, so that it makes the same mix.
  private static func levelled(_ plan: MixPlan, _ result: MixdownResult) -> MixPlan {
    var plan = plan
    plan.master.loudnessLUFS = nil
    plan.master.limiter = nil
    guard plan.master.compressor == nil else { return plan }
    plan.master.gainDB = min(
      max(plan.master.gainDB + result.gainDB, Master.gain.range.lowerBound),
      Master.gain.range.upperBound)
    plan.master.because["gain"] = "the largest sample becomes full scale"
    return plan
  }

  private static func tell(
    _ result: MixdownResult, plan: MixPlan, output: MixOutputOptions, telling: TellingOptions,
    console: Console
  ) throws {
    for warning in result.warnings { console.warning(warning) }
    let levels = result.levels
    let rate = result.seconds / max(result.elapsedSeconds, 1e-9)
    if telling.json {
      try console.printJSON(
        MixReport(
          mix: URL(filePath: result.path).absoluteURL.path, stems: result.stems,
          plan: output.writePlan.map { URL(filePath: $0).absoluteURL.path },
          sampleRate: result.sampleRate, frames: result.frameCount, seconds: result.seconds,
          gainDB: result.gainDB, integratedLUFS: levels.integratedLUFS.ifFinite,
          rangeLU: levels.rangeLU, truePeakDB: levels.truePeakDB.ifFinite,
          samplePeakDB: levels.samplePeakDB.ifFinite,
          limiterReductionDB: result.limiterReductionDB,
          gains: Dictionary(plan.tracks.map { ($0.name, $0.gainDB) }) { first, _ in first },
          decisions: plan.explanation,
          warnings: result.warnings,
          elapsedSeconds: result.elapsedSeconds, timesRealTime: rate,
          peakMemoryBytes: peakMemoryBytes()))
      return
    }
    console.say(
      "\(plan.tracks.map(\.name).joined(separator: ", ")) → \(result.path): "
        + "\(levels.integratedLUFS.text) LUFS, \(levels.truePeakDB.text) dBTP, "
        + "limiter \(result.limiterReductionDB.text) dB, "
        + String(
          format: "%.1f s of audio in %.1f s, %.0f × real time, peak memory %.0f MB",
          result.seconds, result.elapsedSeconds, rate, Double(peakMemoryBytes()) / 1e6))
  }
}

/// What `tonmeister mix --json` prints.
struct MixReport: Encodable {
  var mix: String
  var stems: [String: String]
  var plan: String?
  var sampleRate: Int
  var frames: Int
  var seconds: Double
  var gainDB: Double
  var integratedLUFS: Double?
  var rangeLU: Double
  var truePeakDB: Double?
  var samplePeakDB: Double?
  var limiterReductionDB: Double
  /// The faders in dB by the names of the tracks.
  var gains: [String: Double]
  /// Every decision of the plan that has a reason, a line each.
  var decisions: [String]
  var warnings: [String]
  var elapsedSeconds: Double
  var timesRealTime: Double
  var peakMemoryBytes: Int
}

extension Double {
  /// The number with one digit, for a person.
  var text: String {
    isFinite ? String(format: "%.1f", (self * 10).rounded() / 10 + 0) : self < 0 ? "-∞" : "∞"
  }

  /// The number with two digits, for a person.
  var text2: String { isFinite ? String(format: "%.2f", self) : self < 0 ? "-∞" : "∞" }
}
