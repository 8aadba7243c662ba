// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// The flags that let the machine propose.
struct AutoMixOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Let these advisors decide, in this order: rules, context, genre, panning, masking, compression, \
      side-chain, reverb, loudness; or “all”. Flags override what they say.
      """, valueName: "advisors"))
  var auto: AdviceList?

  @Option(help: "The genre of the song, for the advisor of that name, which else guesses it.")
  var genre: Choice<Genre>?

  @Flag(help: "Tell the reason of every decision.")
  var explain = false

  /// A plan with the advice of all advisors that were asked for.
  func propose(
    _ plan: MixPlan, stems: [(name: String, path: String)], jobs: Int,
    progress: TellingOptions.Progress?, console: Console
  ) async throws -> MixPlan {
    guard let advice = auto?.advice else {
      guard genre == nil, !explain else {
        throw CommandError(message: "--genre and --explain are for --auto; add it.")
      }
      return plan
    }
    let genre = try genre?.value(of: "--genre")
    let song = try await analyse(stems, jobs: jobs, progress: progress, console: console)
    for stem in song.stems {
      for warning in stem.warnings { console.warning(warning) }
      if stem.isSilent { console.warning("\(stem.name): is silent; it is left as it is.") }
    }
    var plan = plan
    for item in advice {
      let advisor = item == .genre ? GenreAdvisor(genre) : item.advisor
      plan = advisor.advise(plan, for: song)
      if item == .rules { tellRules(plan, song, console) }
    }
    if advice != [.rules] { tellSummary(plan, console) }
    if explain {
      for line in plan.explanation { console.say("  " + line) }
    }
    return plan
  }

  private func analyse(
    _ stems: [(name: String, path: String)], jobs: Int, progress: TellingOptions.Progress?,
    console: Console
  ) async throws -> AnalysedStems {
    let (steps, continuation) = AsyncStream.makeStream(
      of: Double.self, bufferingPolicy: .bufferingNewest(1))
    let began = ContinuousClock.now
    let shown = Task {
      var display = ProgressDisplay(progress, console: console)
      for await seconds in steps { display.show(analysed: seconds, since: began) }
      display.clear()
    }
    let result: Result<AnalysedStems, AutoMixError>
    do throws(AutoMixError) {
      result = .success(
        try await AnalysedStems.analysing(stems, jobs: jobs) { continuation.yield($0) })
    } catch { result = .failure(error) }
    continuation.finish()
    await shown.value
    return try result.get()
  }

  private func tellRules(_ plan: MixPlan, _ song: AnalysedStems, _ console: Console) {
    console.say("Analysed the stems and found their gains by rules:")
    for stem in song.stems {
      guard let track = plan.tracks.first(where: { $0.name == stem.name }) else { continue }
      console.say(
        String(
          format: "  %@: %.2f dB (RMS: %.4f, Centroid: %.4f)", stem.name, track.gainDB,
          stem.features.spectrum.rms.mean, stem.brightness))
    }
  }

  private func tellSummary(_ plan: MixPlan, _ console: Console) {
    console.say("Summary of the gains:")
    for track in plan.tracks {
      console.say(String(format: "  %@: %.2f dB", track.name, track.gainDB))
    }
  }
}

/// A list of advisors, “rules,context”.
struct AdviceList: ExpressibleByArgument, Sendable, Equatable {
  let advice: [Advice]

  /// All of them.
  static let all = AdviceList(advice: Advice.allCases)

  private init(advice: [Advice]) { self.advice = advice }

  init?(argument: String) {
    if argument == "all" {
      self = .all
      return
    }
    var advice: [Advice] = []
    for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let item = Advice(rawValue: word.trimmingCharacters(in: .whitespaces)) else {
        return nil
      }
      advice.append(item)
    }
    self.advice = advice
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
