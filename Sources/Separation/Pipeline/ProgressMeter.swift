// SPDX-License-Identifier: MIT

/// Turns positions in the track into ``SeparationProgress``, read against a clock.
struct ProgressMeter {
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private let secondsTotal: Double?
  private let report: @Sendable (SeparationProgress) -> Void

  init(
    sampleRate: Int, frameCount: Int?, report: @escaping @Sendable (SeparationProgress) -> Void
  ) {
    start = clock.now
    secondsTotal = frameCount.map { Double($0) / Double(sampleRate) }
    self.report = report
    report(progress(secondsDone: 0))
  }

  func progress(modelFrames: Int, modelRate: Int) {
    report(progress(secondsDone: Double(modelFrames) / Double(modelRate)))
  }

  func finish(_ track: SeparatedTrack) -> SeparatedTrack {
    var track = track
    track.elapsedSeconds = elapsedSeconds
    return track
  }

  private var elapsedSeconds: Double {
    let elapsed = (clock.now - start).components
    return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
  }

  private func progress(secondsDone: Double) -> SeparationProgress {
    SeparationProgress(
      secondsDone: min(secondsDone, secondsTotal ?? .infinity), secondsTotal: secondsTotal,
      elapsedSeconds: elapsedSeconds)
  }
}
