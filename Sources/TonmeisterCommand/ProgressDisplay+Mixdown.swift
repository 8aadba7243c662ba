// SPDX-License-Identifier: MIT
import Foundation
import Tonmeister

extension ProgressDisplay {
  /// Shows the progress of the mix into `file`.
  mutating func show(_ progress: MixdownProgress, file: String) {
    var summary =
      progress.fraction.map { String(format: "%3.0f %%", $0 * 100) }
      ?? String(format: "%.0f s", progress.secondsDone)
    if progress.rate > 0 { summary += String(format: ", %.0f × real time", progress.rate) }
    show(
      Step(
        file: file, fraction: progress.fraction,
        tenths: progress.fraction.map { Int($0 * 10) } ?? Int(progress.secondsDone / 60),
        summary: summary,
        line: ProgressLine(
          file: file, fraction: progress.fraction, seconds: progress.secondsDone,
          totalSeconds: progress.secondsTotal, timesRealTime: progress.rate,
          secondsLeft: progress.secondsLeft)))
  }
}
