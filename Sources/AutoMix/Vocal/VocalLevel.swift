// SPDX-License-Identifier: MIT
import Audio
public import MixCore

/// Sets the vocal's fader, so that what its track gives out stands at a distance to what the backing's tracks give
/// out, in loudness after ITU-R BS.1770-4.
///
/// All tracks are put through their processors, so that it has to be asked after everything else that touches
/// them, or again. Reverb does not count. The backing's faders stay.
public struct VocalLevel: ListeningAdvisor {
  private let targets: VocalTargets
  private let sources: StemSources

  /// Makes the advisor.
  public init(_ targets: VocalTargets = VocalTargets(), sources: StemSources) {
    self.targets = targets
    self.sources = sources
  }

  /// The loudness of what tracks give out in LUFS; -infinity for silence.
  public struct Loudness: Sendable, Equatable {
    /// Of the vocal.
    public var vocal: Double
    /// Of the sum of the backing's tracks.
    public var backing: Double
    /// Of the guide.
    public var guide: Double
  }

  /// Measures the tracks with their processors and faders; who is muted counts as if it were not.
  ///
  /// - Throws: ``AutoMixError`` with the code `input`, `invalidOption` or `cancelled`.
  public static func measure(
    _ plan: MixPlan, sources: StemSources, sampleRate: Int
  ) throws(AutoMixError) -> Loudness {
    var plan = plan
    for index in plan.tracks.indices {
      plan.tracks[index].mute = false
      plan.tracks[index].solo = false
      plan.tracks[index].reverbSendDB = nil
    }
    let meters = (0..<3).map { _ in LoudnessMeter(sampleRate: Double(sampleRate)) }
    let vocal = plan.index(of: VocalAdvice.vocal)
    let guide = plan.index(of: VocalAdvice.guide)
    let backing = plan.backingIndices
    try sources.render(plan, sampleRate: sampleRate) { engine, count in
      if let vocal { meters[0].process(engine.track(vocal).slice(from: 0, count: count)) }
      if let guide { meters[2].process(engine.track(guide).slice(from: 0, count: count)) }
      var sum = AudioBuffer(channelCount: 2, frameCount: count)
      sum.withStereoBlock { sum in
        for index in backing {
          let track = engine.track(index)
          for i in 0..<count { sum.left[i] += track.left[i] }
          for i in 0..<count { sum.right[i] += track.right[i] }
        }
        meters[1].process(sum)
      }
    }
    return Loudness(
      vocal: meters[0].integratedLUFS, backing: meters[1].integratedLUFS,
      guide: meters[2].integratedLUFS)
  }

  /// Sets the faders of the vocal and of the guide.
  public func listen(
    _ plan: MixPlan, for song: AnalysedStems
  ) throws(AutoMixError) -> MixPlan {
    guard let vocal = plan.index(of: VocalAdvice.vocal),
      let stem = song.audibleStem(VocalAdvice.vocal)
    else { return plan }
    var plan = plan
    plan.tracks[vocal].gainDB = 0
    let guide = plan.index(of: VocalAdvice.guide)
    if let guide { plan.tracks[guide].gainDB = 0 }
    let loudness = try Self.measure(plan, sources: sources, sampleRate: stem.sampleRate)
    guard loudness.vocal.isFinite else {
      plan.tracks[vocal].because["gain"] = "nothing is left of the vocal"
      return plan
    }
    guard loudness.backing.isFinite else {
      plan.tracks[vocal].because["gain"] = "there is nothing to stand against"
      return plan
    }
    let wanted = targets.loudnessLU.isFinite ? targets.loudnessLU : VocalTargets().loudnessLU
    let gain = loudness.backing + wanted - loudness.vocal
    plan.tracks[vocal].gainDB = gain.clamped(Track.gain.range)
    // Where the fader of a soft take ends, everything else comes down to it.
    let rest = max(0, gain - Track.gain.range.upperBound)
    if rest > 0 {
      for index in plan.backingIndices {
        plan.tracks[index].gainDB = (plan.tracks[index].gainDB - rest).clamped(Track.gain.range)
        plan.tracks[index].because["gain"] = "lower, since the vocal's fader goes no higher"
      }
    }
    var reason = "processed vocal at \(loudness.vocal.short) LUFS, backing at "
    reason += "\(loudness.backing.short); target \(wanted.signed) LU"
    if let why = targets.because["loudnessLU"] { reason += ": \(why)" }
    if gain < Track.gain.range.lowerBound { reason += "; \(MixPlan.notReachable) by the fader" }
    plan.tracks[vocal].because["gain"] = reason
    if let guide, loudness.guide.isFinite {
      let vocalLUFS = loudness.vocal + plan.tracks[vocal].gainDB
      plan.tracks[guide].gainDB = (vocalLUFS + targets.guideLU - loudness.guide)
        .clamped(Track.gain.range)
      plan.tracks[guide].because["gain"] =
        "\(targets.guideLU.signed) LU to the vocal"
        + (targets.because["guideLU"].map { ": \($0)" } ?? "")
    }
    return plan
  }
}
