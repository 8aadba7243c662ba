// SPDX-License-Identifier: MIT
import Foundation
import Tonmeister

extension ProgressDisplay {
  /// One line of `--progress json`.
  struct ProgressLine: Encodable {
    var event = "progress"
    var file: String
    var fraction: Double?
    var seconds: Double
    var totalSeconds: Double?
    var timesRealTime: Double
    var secondsLeft: Double?
  }

  /// Shows the progress of the separation of `file`.
  mutating func show(_ progress: SeparationProgress, file: String) {
    show(
      Step(
        file: file, fraction: progress.fraction,
        // Where the length is unknown, a line for every minute of audio.
        tenths: progress.fraction.map { Int($0 * 10) } ?? Int(progress.secondsDone / 60),
        summary: Self.summary(progress),
        line: ProgressLine(
          file: file, fraction: progress.fraction, seconds: progress.secondsDone,
          totalSeconds: progress.secondsTotal, timesRealTime: progress.rate,
          secondsLeft: progress.secondsLeft)))
  }

  private static func summary(_ progress: SeparationProgress) -> String {
    var parts: [String] = []
    if let fraction = progress.fraction {
      parts.append(String(format: "%3.0f %%", fraction * 100))
    } else {
      parts.append(String(format: "%.0f s", progress.secondsDone))
    }
    if progress.rate > 0 { parts.append(String(format: "%.1f × real time", progress.rate)) }
    if let left = progress.secondsLeft {
      let seconds = Int(left.rounded(.up))
      parts.append(
        seconds < 60
          ? "\(seconds) s left"
          : String(format: "%d:%02d min left", seconds / 60, seconds % 60))
    }
    return parts.joined(separator: ", ")
  }
}
