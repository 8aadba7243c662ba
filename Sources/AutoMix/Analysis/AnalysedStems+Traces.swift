// SPDX-License-Identifier: MIT
public import MixCore

extension AnalysedStems {
  /// How far under the loudest stem there is nothing but traces, in LU.
  private static let traceDistance = 25.0

  /// The names of stems that a separation left traces in, of other instruments: 25 LU and more under the loudest.
  ///
  /// Recorded stems may be as soft as that and mean something; those of a separated song stand as they do in the song.
  public var traces: [String] {
    let loudest = stems.map(\.loudnessLUFS).max() ?? -.infinity
    return stems.filter { !$0.isSilent && $0.loudnessLUFS <= loudest - Self.traceDistance }
      .map(\.name)
  }

  /// A plan that says which stems hold nothing but traces, and the other stems, for advisors.
  ///
  /// - Parameter traces: ``traces`` of a separated song, else none.
  public func setting(
    _ traces: [String], asideIn plan: MixPlan
  ) -> (plan: MixPlan, song: AnalysedStems) {
    guard !traces.isEmpty else { return (plan, self) }
    var plan = plan
    for index in plan.tracks.indices
    where traces.contains(plan.tracks[index].name) && plan.tracks[index].because["gain"] == nil {
      plan.tracks[index].because["gain"] = "hardly anything in it, so it stays as it is"
    }
    return (plan, without(traces))
  }

  /// The stems without some, which advisors then leave alone.
  public func without(_ names: [String]) -> AnalysedStems {
    AnalysedStems(stems.filter { !names.contains($0.name) })
  }
}

extension MixPlan {
  /// The plan with some tracks as they are in another one.
  public func with(_ names: [String], asIn other: MixPlan) -> MixPlan {
    var plan = self
    for index in plan.tracks.indices where names.contains(plan.tracks[index].name) {
      if let track = other.tracks.first(where: { $0.name == plan.tracks[index].name }) {
        plan.tracks[index] = track
      }
    }
    return plan
  }
}
