// SPDX-License-Identifier: MIT
import Foundation
import Tonmeister

/// A vocal and its backing on their way to a mix: prepared, and with a plan.
struct VocalSession {
  /// The tracks, prepared.
  let stems: [StemArgument]
  private let options: VocalOptions
  private let folder: URL

  /// Prepares the vocal, and the backing where its key or tempo change.
  ///
  /// What it writes lies in a folder of its own until ``close()``.
  static func prepare(
    _ options: VocalOptions, progress: TellingOptions.Progress?, explain: Bool, console: Console
  ) async throws -> VocalSession? {
    guard let vocal = options.vocal, let backing = options.backing else { return nil }
    let preparation = VocalPreparation(options: try options.preparation())
    try preparation.options.check()
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "tonmeister-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    } catch {
      throw CommandError(message: "\(folder.path): there is no room for temporary files.")
    }
    do {
      var tracks = [VocalAdvice.backing: backing]
      tracks[VocalAdvice.guide] = options.guideVocal
      let change = BackingChange(
        semitones: options.keyChange, tempo: options.tempo / 100)
      if !change.isNone {
        for (name, path) in tracks {
          let changed = folder.appending(path: "\(name).wav").path
          try await change.applying(path, to: changed)
          tracks[name] = changed
        }
      }
      let prepared = options.vocalOut ?? folder.appending(path: "vocal.wav").path
      let result = try await preparation.preparing(
        vocal: vocal, backing: tracks[VocalAdvice.backing] ?? backing, to: prepared
      ) { step in
        var display = ProgressDisplay(progress, console: console)
        display.show(step, file: vocal)
        if step.step == .writing { display.clear() }
      }
      for warning in result.warnings { console.warning(warning) }
      if options.latency == nil, result.latencySeconds != 0 {
        let milliseconds = Int((1000 * result.latencySeconds).rounded())
        console.note(
          "\(vocal): was \(abs(milliseconds)) ms \(milliseconds > 0 ? "late" : "early") and was moved; "
            + "--latency 0 leaves it.")
      }
      if explain { for line in result.because { console.say("  \(VocalAdvice.vocal): \(line)") } }
      var stems = [StemArgument(track: VocalAdvice.vocal, path: prepared)]
      for name in [VocalAdvice.backing, VocalAdvice.guide] {
        if let path = tracks[name] { stems.append(StemArgument(track: name, path: path)) }
      }
      return VocalSession(stems: stems, options: options, folder: folder)
    } catch {
      try? FileManager.default.removeItem(at: folder)
      throw error
    }
  }

  /// Removes what was written on the way.
  func close() { try? FileManager.default.removeItem(at: folder) }

  /// The plan with what the advisors say.
  func propose(
    _ plan: MixPlan, song: AnalysedStems, advice: [VocalAdvice], model: LearnedModel?,
    stems: [(name: String, path: String)]
  ) async throws -> MixPlan {
    var targets = VocalTargets()
    if let model,
      let vocal = song.stems.first(where: { $0.name == VocalAdvice.vocal }),
      let backing = song.stems.first(where: { $0.name == VocalAdvice.backing })
    {
      targets = try model.targets(vocal: vocal, backing: backing)
    }
    try options.change(&targets)
    var sources: [String: StemSources.Source] = [:]
    for stem in stems { sources[stem.name] = .file(path: stem.path) }
    let mix = VocalMix(song: song, sources: StemSources(sources))
    return try await mix.planning(plan, targets: targets, advice: advice)
  }
}

extension ProgressDisplay {
  /// One line of `--progress json`.
  private struct PreparationLine: Encodable {
    var event = "preparation"
    var file: String
    var step: String
    var fraction: Double
  }

  /// Shows which step of a preparation begins.
  mutating func show(_ progress: VocalPreparation.Progress, file: String) {
    show(
      Step(
        file: file, fraction: progress.share, tenths: 1, summary: progress.step.rawValue,
        line: PreparationLine(file: file, step: progress.step.rawValue, fraction: progress.share)))
  }
}
