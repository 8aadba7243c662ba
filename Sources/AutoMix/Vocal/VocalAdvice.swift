// SPDX-License-Identifier: MIT
public import MixCore

/// The advisors for a vocal over a backing track, in the order in which they work best: what shapes the vocal
/// first, then what depends on its shape, and its fader at the end.
///
/// The equalizer goes first, since the compressor hears what it lets through; the fader goes last, since everything
/// before it moves the loudness of vocal or backing.
public enum VocalAdvice: String, Sendable, CaseIterable {
  /// High-pass, de-esser and equalizers by what covers what.
  case equalization
  /// A compressor that brings the vocal's levels into a range.
  case compression
  /// A room by the tempo.
  case reverb
  /// The backing a little softer while there is singing.
  case ducking
  /// The faders of the vocal and of a guide.
  case level

  /// The name of the vocal's track.
  public static let vocal = "vocal"
  /// The name of the backing's track; any further track counts as backing, too.
  public static let backing = "backing"
  /// The name of the track of a voice that the singer followed.
  public static let guide = "guide vocal"

  /// The advisor.
  ///
  /// - Parameters:
  ///   - targets: What the vocal is to become.
  ///   - sources: The stems, which `compression` and `level` listen to again.
  public func advisor(_ targets: VocalTargets, sources: StemSources) -> any Advisor {
    switch self {
    case .equalization: VocalEqualizer(targets)
    case .compression: VocalCompression(targets, sources: sources)
    case .reverb: VocalReverb(targets)
    case .ducking: VocalDucking()
    case .level: VocalLevel(targets, sources: sources)
    }
  }
}

/// An advisor that listens to what a plan makes of the stems, and so can fail as reading does.
public protocol ListeningAdvisor: Advisor {
  /// The plan with the advice.
  ///
  /// - Throws: ``AutoMixError`` with the code `input` or `cancelled`.
  func listen(_ plan: MixPlan, for song: AnalysedStems) throws(AutoMixError) -> MixPlan
}

extension ListeningAdvisor {
  /// The plan with the advice; as it was, with the reason, where a stem cannot be read any more.
  public func advise(_ plan: MixPlan, for song: AnalysedStems) -> MixPlan {
    do throws(AutoMixError) {
      return try listen(plan, for: song)
    } catch {
      var plan = plan
      if let index = plan.index(of: VocalAdvice.vocal) {
        plan.tracks[index].because["vocal"] = error.message
      }
      return plan
    }
  }
}

extension MixPlan {
  /// The index of a track.
  func index(of name: String) -> Int? { tracks.firstIndex { $0.name == name } }

  /// The indices of everything but the vocal and its guide.
  var backingIndices: [Int] {
    tracks.indices.filter {
      tracks[$0].name != VocalAdvice.vocal && tracks[$0].name != VocalAdvice.guide
    }
  }
}

extension AnalysedStems {
  /// The stem of a track; nil where it was not analysed or is silent.
  func audibleStem(_ name: String) -> StemAnalysis? {
    stems.first { $0.name == name && !$0.isSilent }
  }
}
