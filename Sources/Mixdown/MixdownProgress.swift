// SPDX-License-Identifier: MIT

/// How far a mix or a measurement has come.
public struct MixdownProgress: Sendable, Equatable {
  /// The part that is done, 0…1, where the length of the stems is known.
  public var fraction: Double?
  /// The seconds of audio done so far.
  public var secondsDone: Double
  /// The seconds of audio in all, where the headers of the files say so.
  public var secondsTotal: Double?
  /// The seconds on the clock since it began.
  public var elapsedSeconds: Double

  /// Seconds of audio per second on the clock.
  public var rate: Double { elapsedSeconds > 0 ? secondsDone / elapsedSeconds : 0 }

  /// The seconds on the clock that are left at this rate, once they can be told.
  public var secondsLeft: Double? {
    guard let fraction, fraction > 0 else { return nil }
    return elapsedSeconds * (1 - fraction) / fraction
  }
}

extension MixdownProgress {
  /// So many frames are done, of as many where that is known.
  init(frames: Int, of total: Int?, rate: Int, since began: ContinuousClock.Instant) {
    self.init(
      fraction: total.map { min(1, Double(frames) / Double(max(1, $0))) },
      secondsDone: Double(frames) / Double(rate),
      secondsTotal: total.map { Double($0) / Double(rate) },
      elapsedSeconds: (ContinuousClock.now - began).seconds)
  }
}

/// The result of a mix.
public struct MixdownResult: Sendable, Equatable {
  /// The file of the mix.
  public var path: String
  /// The processed stems by the name of their track, `reverb` and `premaster` among them where they were
  /// asked for.
  public var stems: [String: String] = [:]
  /// The rate that was mixed at, in Hz.
  public var sampleRate: Int
  /// The length of the mix in frames.
  public var frameCount: Int
  /// The gain that brought the mix to its level, in dB.
  public var gainDB: Double
  /// What the master measures before it is rounded and encoded.
  public var levels: MixdownLevels
  /// The largest gain reduction of the limiter in dB; 0 where there is none.
  public var limiterReductionDB: Double
  /// What was odd, a sentence each.
  public var warnings: [String]
  /// The seconds on the clock that the mix took.
  public var elapsedSeconds = 0.0

  /// The seconds of audio in the mix.
  public var seconds: Double { Double(frameCount) / Double(sampleRate) }
}

/// The levels of a mix.
public struct MixdownLevels: Sendable, Equatable {
  /// Integrated loudness in LUFS after ITU-R BS.1770-4; -infinity for silence.
  public var integratedLUFS: Double
  /// Loudness range in LU after EBU Tech 3342.
  public var rangeLU: Double
  /// True peak in dBTP; -infinity for silence.
  public var truePeakDB: Double
  /// The largest sample in dBFS; -infinity for silence.
  public var samplePeakDB: Double
}

/// What a running mix tells.
public enum MixdownEvent: Sendable {
  /// The mix has come further. When nobody listens only the newest value is kept.
  case progress(MixdownProgress)
  /// The last event: the files are there.
  case finished(MixdownResult)
}
