// SPDX-License-Identifier: MIT
public import Audio

/// How far a separation has come.
public struct SeparationProgress: Sendable, Equatable {
  /// The seconds of audio separated so far.
  public var secondsDone: Double
  /// The seconds of audio in the track, where its header says so.
  public var secondsTotal: Double?
  /// The seconds on the clock since the separation began.
  public var elapsedSeconds: Double

  /// Creates a progress value.
  public init(secondsDone: Double, secondsTotal: Double?, elapsedSeconds: Double) {
    self.secondsDone = secondsDone
    self.secondsTotal = secondsTotal
    self.elapsedSeconds = elapsedSeconds
  }

  /// The part that is done, 0…1, where the track's length is known.
  public var fraction: Double? {
    secondsTotal.map { $0 > 0 ? min(max(secondsDone / $0, 0), 1) : 0 }
  }

  /// Seconds of audio per second on the clock: 20 is 20 times faster than real time.
  public var rate: Double { elapsedSeconds > 0 ? secondsDone / elapsedSeconds : 0 }

  /// The seconds on the clock that are left at this rate, once they can be told.
  public var secondsLeft: Double? {
    guard let secondsTotal, rate > 0 else { return nil }
    return max(secondsTotal - secondsDone, 0) / rate
  }
}

/// The result of a separation.
public struct SeparatedTrack: Sendable, Equatable {
  /// The rate of the stems in hertz.
  public var sampleRate: Int
  /// The length of every stem in frames.
  public var frameCount: Int
  /// The stems by name, each (2, frames); empty when they were written to files.
  public var stems: [String: AudioBuffer]
  /// The files written, by the name of the stem; empty when the stems are in memory.
  public var files: [String: String]
  /// What was odd about the track (cut short, samples that were no numbers), a sentence each.
  public var warnings: [String]
  /// The seconds on the clock that the separation took.
  public var elapsedSeconds = 0.0

  /// The seconds of audio in the track.
  public var seconds: Double { Double(frameCount) / Double(sampleRate) }
}

/// What a running separation tells.
public enum SeparationEvent: Sendable {
  /// The separation has come further. When nobody listens only the newest value is kept.
  case progress(SeparationProgress)
  /// The last event: the stems are there.
  case finished(SeparatedTrack)
}
