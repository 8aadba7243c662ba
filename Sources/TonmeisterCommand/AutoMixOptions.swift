// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// The flags that let the machine propose.
struct AutoMixOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Let these advisors decide, in this order: rules or cnn (a learned model), context, genre, panning, \
      masking, compression, side-chain, reverb, loudness; or “all”, which begins with the rules. For a vocal over \
      its backing: equalization, compression, reverb, ducking, level. Flags override what they say.
      """, valueName: "advisors"))
  var auto: AdviceList?

  @Option(help: "The genre of the song, for the advisor of that name, which else guesses it.")
  var genre: Choice<Genre>?

  @Option(
    help: ArgumentHelp(
      "What “tonmeister learn” wrote: for the advisor cnn, and for vocals over a backing.",
      valueName: "model"))
  var learned: String?

  @Option(
    help: ArgumentHelp(
      "Then change it to the taste of this listener; see “tonmeister listener”.",
      valueName: "name"))
  var listener: String?

  @Option(
    help: ArgumentHelp(
      "The finished song that the stems are of, from which the listener's taste is told better.",
      valueName: "file"))
  var song: String?

  @Flag(help: "Tell the reason of every decision.")
  var explain = false

  /// Every option as if it were not given.
  init() {}

  /// The options of a command that has no flags for them.
  init(auto: AdviceList, listener: String?, explain: Bool) {
    self.auto = auto
    self.listener = listener
    self.explain = explain
    genre = nil
    learned = nil
    song = nil
  }

  /// A plan with the advice of all advisors that were asked for.
  ///
  /// - Parameter whole: The song that the stems were separated from, of which very soft ones hold nothing.
  func propose(
    _ plan: MixPlan, stems: [(name: String, path: String)], from whole: String? = nil, jobs: Int,
    progress: TellingOptions.Progress?, console: Console
  ) async throws -> MixPlan {
    guard song == nil || listener != nil else {
      throw CommandError(message: "--song is for --listener; add it.")
    }
    guard let advice = try auto?.advice() else {
      guard genre == nil, !explain, learned == nil, listener == nil else {
        throw CommandError(
          message: "--genre, --learned, --listener and --explain are for --auto; add it.")
      }
      return plan
    }
    let taste = try listener.map { try ListenerStore().listener(named: $0) }
    let genre = try genre?.value(of: "--genre")
    let model = try model()
    if advice.contains(.cnn) {
      if let model {
        if !model.isBetterThanRules {
          console.note("The model is no better than the rules for gains, so the rules decide.")
        }
      } else {
        console.note(
          "There is no model for cnn (--learned), so the rules decide.")
      }
    }
    // Before what takes long.
    let features = try taste == nil ? nil : (self.song ?? whole).map { try SongFeatures(path: $0) }
    if let taste, taste.learner == .network, features == nil {
      console.warning(
        "--listener \(taste.name): the network needs the song; name it with --song.")
    }
    var song = try await analyse(stems, jobs: jobs, progress: progress, console: console)
    tellWarnings(song, areSeparated: whole != nil, console)
    var plan = plan
    let traces = whole == nil ? [] : song.traces
    (plan, song) = song.setting(traces, asideIn: plan)
    for item in advice {
      let advisor: any Advisor =
        switch item {
        case .genre: GenreAdvisor(genre)
        case .cnn: LearnedGains(model)
        default: item.advisor
        }
      let before = plan
      plan = advisor.advise(plan, for: song)
      if item == .rules || item == .cnn { tellGains(plan, song, by: item.rawValue, console) }
      if item == .genre, plan == before {
        console.note("genre: nothing to move, without vocals or in this genre.")
      }
    }
    if !advice.contains(.rules), !advice.contains(.cnn) {
      tellGains(plan, song, by: advice.map(\.rawValue).joined(separator: ","), console)
    }
    guard let taste else { return plan }
    return taste.advise(plan, for: features, role: StemKind.role).with(traces, asIn: plan)
  }

  private func model() throws(AutoMixError) -> LearnedModel? {
    guard let learned else { return nil }
    return try LearnedModel(path: learned)
  }

  /// Throws what can be known to be wrong before a vocal is prepared.
  func checkForVocal() throws {
    guard genre == nil, listener == nil, song == nil else {
      throw CommandError(
        message: "--genre, --listener and --song are for stems, not for a vocal over its backing.")
    }
    _ = try (auto ?? .all).vocalAdvice()
    _ = try model()
  }

  /// A plan for a vocal over its backing, with the advice of all advisors that were asked for.
  func propose(
    _ plan: MixPlan, vocal session: VocalSession, stems: [(name: String, path: String)], jobs: Int,
    progress: TellingOptions.Progress?, console: Console
  ) async throws -> MixPlan {
    let advice = try (auto ?? .all).vocalAdvice()
    let model = try model()
    if let model {
      let unused = model.unusedVocalTasks
      if !unused.isEmpty {
        console.note(
          "The model does not know better, so the rules decide: \(unused.joined(separator: ", ")).")
      }
    }
    let song = try await analyse(stems, jobs: jobs, progress: progress, console: console)
    tellWarnings(song, areSeparated: false, console)
    let plan = try await session.propose(
      plan, song: song, advice: advice, model: model, stems: stems)
    for line in plan.shortfalls { console.warning(line) }
    return plan
  }

  /// Tells what was decided and what flags have made of it.
  func tell(_ plan: MixPlan, _ console: Console) {
    console.say("Summary of the gains:")
    for track in plan.tracks {
      console.say(String(format: "  %@: %.2f dB", track.name, track.gainDB))
    }
    guard explain else { return }
    for line in plan.explanation { console.say("  " + line) }
  }

  private func tellWarnings(_ song: AnalysedStems, areSeparated: Bool, _ console: Console) {
    for stem in song.stems {
      for warning in stem.warnings { console.warning(warning) }
      if stem.isSilent {
        console.warning(
          "\(stem.name): is silent, or too short to be measured; it is left as it is.")
      }
      let peak = stem.features.levels.samplePeakDB
      if peak > 0.05, !areSeparated {
        console.warning("\(stem.name): peaks \(peak.text) dB over full scale; it may be clipped.")
      }
    }
    for names in song.sameStems {
      let others = names.dropLast().joined(separator: ", ")
      console.warning("\(others) and \(names.last ?? "") are the same; keep one of them.")
    }
    for name in song.sums {
      console.warning("\(name): seems to be the sum of the other stems; leave it out.")
    }
  }

  private func analyse(
    _ stems: [(name: String, path: String)], jobs: Int, progress: TellingOptions.Progress?,
    console: Console
  ) async throws -> AnalysedStems {
    let began = ContinuousClock.now
    return try await ProgressDisplay.show(progress, console: console) {
      (display: inout ProgressDisplay, seconds: Double) in
      display.show(analysed: seconds, since: began)
    } during: { report in
      try await AnalysedStems.analysing(stems, jobs: jobs, report: report)
    }
  }

  private func tellGains(
    _ plan: MixPlan, _ song: AnalysedStems, by advice: String, _ console: Console
  ) {
    console.say("Analysed the stems and found their gains (\(advice)):")
    for stem in song.stems {
      guard let track = plan.tracks.first(where: { $0.name == stem.name }) else { continue }
      console.say(
        String(
          format: "  %@: %.2f dB (RMS: %.4f, Centroid: %.4f)", stem.name, track.gainDB,
          stem.features.spectrum.rms.mean, stem.brightness))
    }
  }
}

/// A list of advisors, “rules,context”, or all of them.
struct AdviceList: ExpressibleByArgument, Sendable, Equatable {
  /// Nil for all.
  private let words: [String]?

  /// All of them.
  static let all = AdviceList(words: nil)

  private init(words: [String]?) { self.words = words }

  init?(argument: String) {
    guard argument != "all" else {
      self = .all
      return
    }
    let words = argument.split(separator: ",", omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    guard words.allSatisfy({ Advice(rawValue: $0) != nil || VocalAdvice(rawValue: $0) != nil })
    else { return nil }
    self.init(words: words)
  }

  /// The advisors for stems.
  func advice() throws(CommandError) -> [Advice] {
    try advice(Advice.init(rawValue:), all: Advice.standard, of: "stems")
  }

  /// The advisors for a vocal over its backing.
  func vocalAdvice() throws(CommandError) -> [VocalAdvice] {
    try advice(
      VocalAdvice.init(rawValue:), all: VocalAdvice.allCases, of: "a vocal over its backing")
  }

  private func advice<Item: RawRepresentable<String>>(
    _ item: (String) -> Item?, all: [Item], of what: String
  ) throws(CommandError) -> [Item] {
    guard let words else { return all }
    var items: [Item] = []
    for word in words {
      guard let found = item(word) else {
        let known = all.map(\.rawValue).joined(separator: ", ")
        throw CommandError(
          message: "--auto \(word): there is no such advisor for \(what); choose among: \(known).")
      }
      items.append(found)
    }
    return items
  }
}

extension ProgressDisplay {
  /// One line of `--progress json`.
  private struct AnalysisLine: Encodable {
    var event = "analysis"
    var seconds: Double
    var elapsedSeconds: Double
  }

  /// Shows how many seconds of stems have been analysed.
  mutating func show(analysed seconds: Double, since began: ContinuousClock.Instant) {
    let elapsed = (ContinuousClock.now - began) / .seconds(1)
    show(
      Step(
        file: "analysis", fraction: nil, tenths: Int(seconds / 600),
        summary: String(format: "%.0f s", seconds),
        line: AnalysisLine(seconds: seconds, elapsedSeconds: elapsed)))
  }
}
