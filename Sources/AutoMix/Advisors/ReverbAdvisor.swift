// SPDX-License-Identifier: MIT
public import MixCore

/// Puts the stems into one room.
///
/// The reverberation time is the mean that Li (2022) found in songs, 1.5 s, which no tempo changes; the tempo sets
/// the pre-delay, the shortest halved beat of at least 30 ms (Moffat and Sandler, "Automatic mixing of reverb", AES
/// 147, 2019). How much of it each kind gets lies under the 9 LU below the dry sound that Pestana and Reiss
/// found to be liked for vocals, since stems of finished songs have a room of their own.
public struct ReverbAdvisor: Advisor {
  /// The mean of finished songs.
  static let decaySeconds = 1.5

  /// Makes the advisor.
  public init() {}

  /// How much of a kind goes into the room, in dB; nil for none.
  static func send(_ kind: StemKind) -> Double? {
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
    plan.reverb = Self.room(
      decaySeconds: Self.decaySeconds, reason: "the mean of finished songs", tempo: song.tempo)
    for part in parts {
      let stem = song.stems[part.stem]
      plan.tracks[part.track].reverbSendDB = Self.send(stem.kind)
      plan.tracks[part.track].because["reverbSend"] =
        Self.send(stem.kind) == nil ? "lows stay dry" : "usual for \(stem.kind.name)"
    }
    return plan
  }

  /// A room of a reverberation time whose pre-delay fits a tempo.
  static func room(decaySeconds: Double, reason: String?, tempo: Double?) -> Reverb {
    var room = Reverb()
    room.decayMidSeconds = decaySeconds
    room.decayLowSeconds = (1.1 * decaySeconds).clamped(Reverb.decayLow.range)
    room.decayHighSeconds = (0.6 * decaySeconds).clamped(Reverb.decayHigh.range)
    var highPass = PassFilter(frequencyHz: 200)
    highPass.because["frequency"] = "lows stay dry"
    room.highPass = highPass
    room.because["decayMid"] = reason
    room.because["decayLow"] = "lows ring a little longer in rooms"
    room.because["decayHigh"] = "air and walls take the highs first"
    if let tempo {
      var delay = 60_000 / tempo
      while delay / 2 >= 30 { delay /= 2 }
      room.preDelayMilliseconds = (delay * 10).rounded() / 10
      room.because["preDelay"] = "a part of a beat at \(tempo.short) beats per minute"
    }
    return room
  }
}
