// SPDX-License-Identifier: MIT
import Audio
public import MixCore

/// Compresses the vocal until its levels range over as many LU as wanted, and says so where that cannot be.
///
/// The levels are those of the vocal behind filters, equalizer and de-esser, and the range that of the rendered
/// track: what a search over a fine envelope finds (with the compressor itself) is rendered, and where the range
/// is more than 0.2 LU off, searched for again with that much of an allowance, three times at most. Levels count
/// while there is singing: where noise or the backing is heard in the pauses, these do not count, and an expander
/// keeps the compressor from bringing them up.
/// Attack and release are as in ``CompressionAdvisor``; the ratio begins with 2, 3 or 4 by how much is to be done.
public struct VocalCompression: ListeningAdvisor {
  private static let tolerance = 0.2
  private let targets: VocalTargets
  private let sources: StemSources

  /// Makes the advisor.
  public init(_ targets: VocalTargets = VocalTargets(), sources: StemSources) {
    self.targets = targets
    self.sources = sources
  }

  /// Replaces the vocal's compressor.
  public func listen(
    _ plan: MixPlan, for song: AnalysedStems
  ) throws(AutoMixError) -> MixPlan {
    guard let vocal = plan.index(of: VocalAdvice.vocal),
      let stem = song.audibleStem(VocalAdvice.vocal)
    else { return plan }
    var plan = plan
    plan.tracks[vocal].compressor = nil
    let rate = stem.sampleRate
    let activity = try VoiceActivity(stem, in: plan, song: song, sources: sources)
    var alone = Self.alone(plan.tracks[vocal])
    var levels = try levels(alone, rate)
    if activity.background.isHeard, alone.tracks[0].gate == nil,
      let gate = VocalGate.gate(peaksDB: levels.tenthPeaksDB, activity: activity)
    {
      plan.tracks[vocal].gate = gate
      alone.tracks[0].gate = gate
      levels = try self.levels(alone, rate)
    }
    let counted = levels.counted(while: activity)
    let before = levels.range(nil, over: counted)
    let range = measured(before)
    let target = max(1, targets.levelRangeDB.isFinite ? targets.levelRangeDB : 14)
    guard range > target + Self.tolerance else {
      plan.tracks[vocal].because["compressor"] =
        "levels range over \(range.short) LU, no more than the target of \(target.short)"
      return plan
    }
    var start = Compressor()
    start.kneeDB = 6
    start.ratio = range - target < 3 ? 2 : range - target < 8 ? 3 : 4
    start.setTimes(crestDB: levels.crestDB(meanLUFS: before.meanLUFS))
    let search = CompressorSearch(
      levels: levels, counted: counted, usesLoudnessRange: targets.usesLoudnessRange)
    var allowance = 0.0
    var best: (found: CompressorSearch.Result, range: Double)?
    for _ in 0..<3 {
      let found = search.find(start, target: target - allowance, peakDB: levels.peakDB)
      var compressed = alone
      compressed.tracks[0].compressor = found.compressor
      let rendered = measured(try self.levels(compressed, rate).range(nil, over: counted))
      if best.map({ abs(rendered - target) < abs($0.range - target) }) ?? true {
        best = (found, rendered)
      }
      if abs(rendered - target) <= Self.tolerance || !found.isReached { break }
      allowance += rendered - target
    }
    guard let best else { return plan }
    var compressor = best.found.compressor
    let after = levels.range(compressor, over: counted)
    let makeup = before.meanLUFS - after.meanLUFS
    compressor.makeupDB =
      makeup.isFinite ? ((makeup * 10).rounded() / 10).clamped(0...24) : 0
    let isReached = abs(best.range - target) <= 0.5
    compressor.because["threshold"] = reason(range, target, best.range, isReached: isReached)
    compressor.because["ratio"] =
      start.ratio == compressor.ratio
      ? "by how much is to be done" : "lower ones do not reach the target"
    compressor.because["makeup"] = "as loud as before"
    plan.tracks[vocal].compressor = compressor
    return plan
  }

  private func reason(
    _ before: Double, _ target: Double, _ after: Double, isReached: Bool
  ) -> String {
    let name = targets.usesLoudnessRange ? "loudness ranges" : "levels range"
    var text = "\(name) over \(before.short) LU, then \(after.short); target \(target.short)"
    if let why = targets.because["levelRangeDB"] { text += ": \(why)" }
    return isReached ? text : "\(text); \(MixPlan.notReachable)"
  }

  private func measured(_ range: FineLevels.Range) -> Double {
    targets.usesLoudnessRange ? range.loudnessLU : range.levelsLU
  }

  /// A plan of the vocal as its compressor hears it.
  private static func alone(_ track: Track) -> MixPlan {
    var plan = MixPlan()
    var alone = Track(name: track.name)
    alone.highPass = track.highPass
    alone.lowPass = track.lowPass
    alone.gate = track.gate
    alone.equalizer = track.equalizer
    alone.deEsser = track.deEsser
    plan.tracks = [alone]
    return plan
  }

  /// The levels of the rendered vocal.
  private func levels(_ plan: MixPlan, _ rate: Int) throws(AutoMixError) -> FineLevels {
    var levels = FineLevels(sampleRate: Double(rate))
    try sources.render(plan, sampleRate: rate) { engine, count in
      levels.process(engine.track(0).slice(from: 0, count: count))
    }
    return levels
  }
}
