// SPDX-License-Identifier: MIT
import Foundation
import Tonmeister

/// Shows how far a track has come.
struct ProgressDisplay {
  private enum Style {
    case bar
    case lines
    case json
    case none
  }

  /// One line of `--progress json`.
  private struct Line: Encodable {
    var event = "progress"
    var file: String
    var fraction: Double?
    var seconds: Double
    var totalSeconds: Double?
    var timesRealTime: Double
    var secondsLeft: Double?
  }

  private let console: Console
  private let style: Style
  private var tenthsShown = 0
  private var isDrawn = false
  private var lastShown: ContinuousClock.Instant?

  init(_ choice: TellingOptions.Progress?, console: Console) {
    self.console = console
    style =
      switch choice {
      case .json: .json
      case .bar: .bar
      case .some(.none): .none
      case nil: console.hasTerminal ? .bar : .lines
      }
  }

  /// Shows the progress of `file`.
  mutating func show(_ progress: SeparationProgress, file: String) {
    // Ten times a second is plenty; the end is always shown.
    let now = ContinuousClock.now
    if let lastShown, now - lastShown < .milliseconds(100), progress.fraction != 1 { return }
    lastShown = now
    switch style {
    case .none: break
    case .json: showJSON(progress, file: file)
    case .lines:
      // Where the length is unknown, a line for every minute of audio.
      let tenths = progress.fraction.map { Int($0 * 10) } ?? Int(progress.secondsDone / 60)
      guard tenths > tenthsShown else { return }
      tenthsShown = tenths
      console.note("\(file): \(Self.summary(progress))")
    case .bar:
      isDrawn = true
      let width = 20
      let filled = Int((progress.fraction ?? 0) * Double(width))
      let bar =
        String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
      let name = URL(filePath: file).lastPathComponent.onOneLine.prefix(20)
      // Without wrapping: a line that does not fit is cut off, not left behind.
      console.draw("\r\u{1B}[?7l\u{1B}[K\(name) \(bar) \(Self.summary(progress))\u{1B}[?7h")
    }
  }

  /// Takes the bar away, so that lines can follow.
  mutating func clear() {
    if isDrawn { console.draw("\r\u{1B}[K") }
    isDrawn = false
    tenthsShown = 0
  }

  private func showJSON(_ progress: SeparationProgress, file: String) {
    let line = Line(
      file: file, fraction: progress.fraction, seconds: progress.secondsDone,
      totalSeconds: progress.secondsTotal, timesRealTime: progress.rate,
      secondsLeft: progress.secondsLeft)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if let data = try? encoder.encode(line) { console.note(String(decoding: data, as: UTF8.self)) }
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
