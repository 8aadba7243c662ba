// SPDX-License-Identifier: MIT
public import MixCore

/// Puts the stems into one room.
///
/// The reverberation time is the mean that Li (2022) found in songs, 1.5 s, which no tempo changes; the tempo sets
/// the pre-delay, the shortest halved beat of at least 30 ms (Moffat and Sandler, "Automatic mixing of reverb", AES
/// 147, 2019). How much of it each kind gets lies under the 9 LU below the dry sound that Pestana and Reiss
/// found to be liked for vocals, since stems of finished songs have a room of their own.
public struct ReverbAdvisor: Advisor {
  private static let decaySeconds = 1.5

  /// Makes the advisor.
  public init() {}

  private static func send(_ kind: StemKind) -> Double? {
    switch kind {
    case .vocals: -14
    case .backingVocals: -11
    case .drums: -20
    case .synth, .other: -18
    case .guitar, .piano: -16
    case .bass, .kick: nil
    }
  }

  /// Sets the room and the sends.
  public func advise(_ plan: MixPlan, for song: AnalysedStems) -> MixPlan {
    var plan = plan
    let parts = song.audible(plan)
    guard !parts.isEmpty else { return plan }
    var room = Reverb()
    room.decayMidSeconds = Self.decaySeconds
    room.decayLowSeconds = 1.1 * Self.decaySeconds
    room.decayHighSeconds = 0.6 * Self.decaySeconds
    room.highPass = PassFilter(frequencyHz: 200)
    room.because["decayMid"] = "the mean of finished songs"
    if let tempo = song.tempo {
      var delay = 60_000 / tempo
      while delay / 2 >= 30 { delay /= 2 }
      room.preDelayMilliseconds = (delay * 10).rounded() / 10
      room.because["preDelay"] = "a part of a beat at \(tempo.short) beats per minute"
    }
    plan.reverb = room
    for part in parts {
      let stem = song.stems[part.stem]
      plan.tracks[part.track].reverbSendDB = Self.send(stem.kind)
      plan.tracks[part.track].because["reverbSend"] =
        Self.send(stem.kind) == nil ? "lows stay dry" : "usual for \(stem.kind.name)"
    }
    return plan
  }
}
