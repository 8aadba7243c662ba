// SPDX-License-Identifier: MIT
public import MixCore

/// Puts the vocal into a room whose reverberation time follows the tempo of the backing, which has one already.
///
/// RT60 = 40 / 9 - tempo / 45 seconds (Li, “Automatic vocal mixing using convolutional neural networks”, 2022: 2.4 s
/// at 90 beats per minute, 1.8 s at 120), within 0.3 to 3.1 s; 1.5 s, the mean of finished songs, where nothing
/// repeats. Pre-delay and level are those of ``ReverbAdvisor``.
public struct VocalReverb: Advisor {
  private let targets: VocalTargets

  /// Makes the advisor.
  public init(_ targets: VocalTargets = VocalTargets()) { self.targets = targets }

  /// RT60 in seconds for a tempo in beats per minute.
  static func decaySeconds(tempo: Double) -> Double { (40 / 9 - tempo / 45).clamped(0.3...3.1) }

  /// Sets the room and the vocal's send; no other track sends.
  public func advise(_ plan: MixPlan, for song: AnalysedStems) -> MixPlan {
    guard let vocal = plan.index(of: VocalAdvice.vocal),
      song.audibleStem(VocalAdvice.vocal) != nil
    else { return plan }
    var plan = plan
    let tempo = song.backingTempo
    let why = targets.because["decaySeconds"]
    if let seconds = targets.decaySeconds {
      plan.reverb = ReverbAdvisor.room(
        decaySeconds: seconds.clamped(Reverb.decayMid.range), reason: why, tempo: tempo)
    } else if let tempo {
      plan.reverb = ReverbAdvisor.room(
        decaySeconds: (Self.decaySeconds(tempo: tempo) * 100).rounded() / 100,
        reason: "\(tempo.short) beats per minute" + (why.map { ": \($0)" } ?? ""), tempo: tempo)
    } else {
      plan.reverb = ReverbAdvisor.room(
        decaySeconds: ReverbAdvisor.decaySeconds,
        reason: "no tempo was found; the mean of finished songs", tempo: nil)
    }
    for index in plan.tracks.indices { plan.tracks[index].reverbSendDB = nil }
    plan.tracks[vocal].reverbSendDB = ReverbAdvisor.send(.vocals)
    plan.tracks[vocal].because["reverbSend"] = "usual for vocals"
    for index in plan.backingIndices {
      plan.tracks[index].because["reverbSend"] = "the backing has a room of its own"
    }
    return plan
  }
}

extension AnalysedStems {
  /// The tempo of the most regular track of the backing in beats per minute; nil where nothing repeats.
  var backingTempo: Double? {
    stems.filter {
      !$0.isSilent && $0.name != VocalAdvice.vocal && $0.name != VocalAdvice.guide
    }
    .compactMap(\.features.spectrum.tempo)
    .max { $0.strength < $1.strength }?.refinedBeatsPerMinute
  }
}
