// SPDX-License-Identifier: MIT
public import MixCore

/// Places tracks from left to right.
///
/// After Perez-Gonzalez and Reiss, "A real-time semiautonomous audio panning system for music mixing" (EURASIP
/// JASP 2010): lows and lead vocals stay in the middle, everything else is spread, and what shares octaves goes to
/// opposite sides. Stems that are in stereo already stay as they are.
public struct PanningAdvisor: Advisor {
  private static let largestPan = 0.6
  /// From this width on a stem is in stereo.
  private static let stereoWidth = 0.02

  /// Makes the advisor.
  public init() {}

  /// Sets the place of every track whose stem can be heard.
  public func advise(_ plan: MixPlan, for song: AnalysedStems) -> MixPlan {
    var plan = plan
    var free: [(track: Int, stem: StemAnalysis)] = []
    for part in song.audible(plan) {
      let stem = song.stems[part.stem]
      if let reason = Self.reasonToStay(stem) {
        plan.tracks[part.track].pan = 0
        plan.tracks[part.track].because["pan"] = reason
      } else {
        free.append((part.track, stem))
      }
    }
    guard free.count > 1 else {
      for entry in free {
        plan.tracks[entry.track].pan = 0
        plan.tracks[entry.track].because["pan"] = "nothing to balance it on the other side"
      }
      return plan
    }
    // From the darkest to the brightest, which go out farthest; by name where they are the same.
    free.sort { ($0.stem.brightness, $0.stem.name) < ($1.stem.brightness, $1.stem.name) }
    var sides: [Double] = []
    for (index, entry) in free.enumerated() {
      // The side on which less of the same octaves is.
      var weight = 0.0
      for other in 0..<index { weight += sides[other] * overlap(entry.stem, free[other].stem) }
      sides.append(weight > 1e-9 ? -1 : weight < -1e-9 ? 1 : index % 2 == 0 ? -1 : 1)
    }
    for (index, entry) in free.enumerated() {
      let share = Double(index + 1) / Double(free.count)
      let pan = sides[index] * Self.largestPan * (0.4 + 0.6 * share)
      plan.tracks[entry.track].pan = (pan * 100).rounded() / 100
      let rival = free.indices.filter { $0 != index && sides[$0] != sides[index] }
        .max {
          overlap(entry.stem, free[$0].stem) < overlap(entry.stem, free[$1].stem)
        }
      plan.tracks[entry.track].because["pan"] =
        rival.map { "opposite \(free[$0].stem.name), which shares its octaves" }
        ?? "away from the middle"
    }
    return plan
  }

  private static func reasonToStay(_ stem: StemAnalysis) -> String? {
    if stem.kind == .vocals { return "the lead stays in the middle" }
    if stem.kind.isLowEnd { return "lows stay in the middle" }
    let low = stem.meanBandPowers[0...2].reduce(0, +)
    if low > 0.5 * stem.meanBandPowers.reduce(0, +) { return "lows stay in the middle" }
    return stem.width >= stereoWidth ? "in stereo already" : nil
  }

  /// How much of the same octaves two stems have, 0 to 1: the cosine of their spectra in amplitudes.
  private func overlap(_ a: StemAnalysis, _ b: StemAnalysis) -> Double {
    let x = a.meanBandPowers.map { $0.squareRoot() }
    let y = b.meanBandPowers.map { $0.squareRoot() }
    let product = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
    let scale = (a.meanBandPowers.reduce(0, +) * b.meanBandPowers.reduce(0, +)).squareRoot()
    return scale > 0 ? product / scale : 0
  }
}
