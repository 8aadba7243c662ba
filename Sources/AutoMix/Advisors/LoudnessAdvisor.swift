// SPDX-License-Identifier: MIT
public import MixCore

/// Sets the loudness that streaming services play at, and a ceiling that survives their encoders.
public struct LoudnessAdvisor: Advisor {
  private let loudnessLUFS: Double
  private let ceilingDB: Double

  /// - Parameters:
  ///   - loudnessLUFS: The integrated loudness to reach.
  ///   - ceilingDB: The highest true peak in dBTP.
  public init(loudnessLUFS: Double = -14, ceilingDB: Double = -1) {
    self.loudnessLUFS = loudnessLUFS
    self.ceilingDB = ceilingDB
  }

  /// Sets the end of the master.
  public func advise(_ plan: MixPlan, for song: AnalysedStems) -> MixPlan {
    var plan = plan
    plan.master.loudnessLUFS = loudnessLUFS.clamped(Master.loudness.range)
    plan.master.because["loudness"] = "what streaming services play at"
    var limiter = plan.master.limiter ?? Limiter()
    limiter.ceilingDB = ceilingDB.clamped(Limiter.ceiling.range)
    limiter.because["ceiling"] = "room for encoders"
    plan.master.limiter = limiter
    return plan
  }
}
