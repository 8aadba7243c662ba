// SPDX-License-Identifier: MIT
public import Audio
import Foundation
public import MixCore

/// Mixes a vocal with a backing track.
///
/// ```swift
/// let mix = try VocalMix(vocalPath: "take.wav", backingPath: "karaoke.mp3")
/// let plan = try mix.plan()
/// print(plan.explanation)
/// ```
public struct VocalMix: Sendable {
  /// The stems, analysed.
  public let song: AnalysedStems
  /// Where they can be heard again.
  public private(set) var sources: StemSources

  /// Takes stems that have been analysed already, under the names of ``VocalAdvice``.
  public init(song: AnalysedStems, sources: StemSources) {
    self.song = song
    self.sources = sources
  }

  /// Analyses files; blocks until that is done.
  ///
  /// - Parameters:
  ///   - guidePath: A voice that the singer followed, in time with the backing.
  ///   - jobs: How many threads work; 0 for one per core.
  ///   - isCancelled: Asked for every block, now and while a plan is made.
  ///   - report: Told how many seconds of audio are done, by any thread.
  /// - Throws: ``AutoMixError`` with the code `input` or `cancelled`.
  public init(
    vocalPath: String, backingPath: String, guidePath: String? = nil, jobs: Int = 0,
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled },
    report: @escaping @Sendable (_ secondsDone: Double) -> Void = { _ in }
  ) throws(AutoMixError) {
    var files = [(name: VocalAdvice.vocal, path: vocalPath)]
    files.append((VocalAdvice.backing, backingPath))
    if let guidePath { files.append((VocalAdvice.guide, guidePath)) }
    song = try AnalysedStems(
      files: files, jobs: jobs, isCancelled: isCancelled, report: report)
    var sources: [String: StemSources.Source] = [:]
    for file in files { sources[file.name] = .file(path: file.path) }
    self.sources = StemSources(sources, isCancelled: isCancelled)
  }

  /// Analyses samples, (1 or 2, frames) each, at one rate.
  ///
  /// - Throws: ``AutoMixError`` with the code `invalidOption`.
  public init(
    vocal: AudioBuffer, backing: AudioBuffer, guide: AudioBuffer? = nil, sampleRate: Int
  ) throws(AutoMixError) {
    var stems = [
      try StemAnalysis(vocal, sampleRate: sampleRate, name: VocalAdvice.vocal),
      try StemAnalysis(backing, sampleRate: sampleRate, name: VocalAdvice.backing),
    ]
    var sources: [String: StemSources.Source] = [
      VocalAdvice.vocal: .samples(vocal, sampleRate: sampleRate),
      VocalAdvice.backing: .samples(backing, sampleRate: sampleRate),
    ]
    if let guide {
      stems.append(try StemAnalysis(guide, sampleRate: sampleRate, name: VocalAdvice.guide))
      sources[VocalAdvice.guide] = .samples(guide, sampleRate: sampleRate)
    }
    song = AnalysedStems(stems)
    self.sources = StemSources(sources)
  }

  /// A plan with a track for each stem.
  public var emptyPlan: MixPlan {
    var plan = MixPlan()
    plan.tracks = song.stems.map { Track(name: $0.name) }
    return plan
  }

  /// A plan with all advice.
  ///
  /// - Parameters:
  ///   - start: The plan to begin with; nil for one that does nothing.
  ///   - targets: What the vocal is to become.
  ///   - advice: Who is asked, in this order.
  ///   - loudness: What is asked last, for the end of the master; nil to leave it.
  ///   - report: Told before each advisor which it is.
  /// - Throws: ``AutoMixError`` with the code `input`, `invalidOption` or `cancelled`.
  public func plan(
    _ start: MixPlan? = nil, targets: VocalTargets = VocalTargets(),
    advice: [VocalAdvice] = VocalAdvice.allCases, loudness: LoudnessAdvisor? = LoudnessAdvisor(),
    report: (VocalAdvice) -> Void = { _ in }
  ) throws(AutoMixError) -> MixPlan {
    var plan = start ?? emptyPlan
    for item in advice {
      report(item)
      let advisor = item.advisor(targets, sources: sources)
      if let listener = advisor as? any ListeningAdvisor {
        plan = try listener.listen(plan, for: song)
      } else {
        plan = advisor.advise(plan, for: song)
      }
    }
    return loudness?.advise(plan, for: song) ?? plan
  }

  /// A plan with all advice, made on a thread of its own; stops when the task is cancelled.
  ///
  /// - Throws: ``AutoMixError`` as ``plan(_:targets:advice:loudness:report:)`` does.
  public func planning(
    _ start: MixPlan? = nil, targets: VocalTargets = VocalTargets(),
    advice: [VocalAdvice] = VocalAdvice.allCases, loudness: LoudnessAdvisor? = LoudnessAdvisor()
  ) async throws(AutoMixError) -> MixPlan {
    try await onOwnThread { (signal) throws(AutoMixError) in
      var mix = self
      mix.sources.isCancelled = { signal.isCancelled }
      return try mix.plan(start, targets: targets, advice: advice, loudness: loudness)
    }
  }
}
