// SPDX-License-Identifier: MIT
public import MixCore

/// Sets the faders by what a network has learned from finished songs.
///
/// Without a model, or where the model was no better than the rules on songs held out, the rules decide, and say so.
public struct LearnedGains: Advisor {
  private let model: LearnedModel?

  /// - Parameter model: What was learned; nil where there is nothing.
  public init(_ model: LearnedModel? = nil) { self.model = model }

  /// Sets the gain of every track whose stem can be heard; the gains have a mean of 0 dB.
  public func advise(_ plan: MixPlan, for song: AnalysedStems) -> MixPlan {
    guard let model else { return rules(plan, song, "no model was learned") }
    guard model.isBetterThanRules else {
      return rules(plan, song, "the model is no better than the rules")
    }
    let parts = song.audible(plan)
    guard parts.count > 1 else { return rules(plan, song, "there is nothing to compare") }
    let levels: [Double]
    do throws(AutoMixError) {
      levels = try model.levels(parts.map { song.stems[$0.stem] })
    } catch { return rules(plan, song, error.message) }
    var plan = plan
    let gains = zip(parts, levels).map { $1 - song.stems[$0.stem].loudnessLUFS }
    plan.setGains(gains, of: parts.map(\.track))
    for (index, part) in parts.enumerated() {
      plan.tracks[part.track].because["gain"] =
        "learned from \(model.card.songs.count) songs: \(levels[index].signed) dB to the mean of "
        + "all stems"
    }
    return plan
  }

  private func rules(_ plan: MixPlan, _ song: AnalysedStems, _ why: String) -> MixPlan {
    var plan = GainRules().advise(plan, for: song)
    for part in song.audible(plan) {
      guard let reason = plan.tracks[part.track].because["gain"] else { continue }
      plan.tracks[part.track].because["gain"] = "\(why), so by rules: \(reason)"
    }
    return plan
  }
}
