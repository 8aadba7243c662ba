// SPDX-License-Identifier: MIT
public import MixCore

/// Decides something about a mix: a plan in, a better one out.
///
/// Whatever it sets, it says why in the `because` of that part of the plan. Advisors compose: each works on
/// what those before it decided. The same stems and plan give the same advice; the gain of a stem's
/// recording and the order of the stems change nothing that can be heard.
public protocol Advisor: Sendable {
  /// The plan with the advice.
  func advise(_ plan: MixPlan, for song: AnalysedStems) -> MixPlan
}

/// The advisors that there are, in the order in which they work best.
public enum Advice: String, Sendable, CaseIterable {
  /// Faders by the kind of stem and its loudness.
  case rules
  /// Faders by what a network has learned from finished songs; by rules where there is none.
  case cnn
  /// Faders by what stays audible of each stem beside the others.
  case context
  /// The vocals' level by genre.
  case genre
  /// Places from left to right.
  case panning
  /// Equalizer cuts where one stem covers what matters of another.
  case masking
  /// Compressors for stems whose level changes much.
  case compression
  /// Compressors that one stem drives on another.
  case sideChain = "side-chain"
  /// A room, and what is sent into it.
  case reverb
  /// The loudness and the ceiling of the mix.
  case loudness

  /// All but what has to be learned first.
  public static let standard = allCases.filter { $0 != .cnn }

  /// The advisor.
  public var advisor: any Advisor {
    switch self {
    case .rules: GainRules()
    case .cnn: LearnedGains()
    case .context: PartialLoudnessAdvisor()
    case .genre: GenreAdvisor()
    case .panning: PanningAdvisor()
    case .masking: MaskingEqualizer()
    case .compression: CompressionAdvisor()
    case .sideChain: SideChainAdvisor()
    case .reverb: ReverbAdvisor()
    case .loudness: LoudnessAdvisor()
    }
  }

  /// Asks advisors one after the other.
  public static func plan(
    _ plan: MixPlan, for song: AnalysedStems, advice: [Advice] = standard
  ) -> MixPlan {
    advice.reduce(plan) { $1.advisor.advise($0, for: song) }
  }
}

extension Double {
  /// The value with its sign and one digit, for a reason.
  var signed: String {
    let tenths = (self * 10).rounded() / 10
    return tenths >= 0 ? "+\(abs(tenths))" : "\(tenths)"
  }

  /// The value with one digit, for a reason.
  var short: String { "\(((self * 10).rounded() / 10) + 0)" }

  /// The value within a range.
  func clamped(_ range: ClosedRange<Double>) -> Double {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
