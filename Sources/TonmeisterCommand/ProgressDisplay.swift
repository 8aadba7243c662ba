// SPDX-License-Identifier: MIT
import Foundation
import Tonmeister

/// Shows how far a track or a download has come.
struct ProgressDisplay {
  private enum Style {
    case bar
    case lines
    case json
    case none
  }

  /// One state of what is shown.
  struct Step {
    var file: String
    /// The part that is done, where that is known.
    var fraction: Double?
    /// Where a line is written for every tenth: the tenths that are done.
    var tenths: Int
    var summary: String
    /// The object of `--progress json`.
    var line: any Encodable
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

  /// Shows a state.
  mutating func show(_ step: Step) {
    // Ten times a second is plenty; the end is always shown.
    let now = ContinuousClock.now
    if let lastShown, now - lastShown < .milliseconds(100), step.fraction != 1 { return }
    lastShown = now
    let file = step.file
    switch style {
    case .none: break
    case .json: showJSON(step.line)
    case .lines:
      guard step.tenths > tenthsShown else { return }
      tenthsShown = step.tenths
      console.note("\(file): \(step.summary)")
    case .bar:
      isDrawn = true
      let width = 20
      let filled = Int((step.fraction ?? 0) * Double(width))
      let bar =
        String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
      let name = URL(filePath: file).lastPathComponent.onOneLine.prefix(20)
      // Without wrapping: a line that does not fit is cut off, not left behind.
      console.draw("\r\u{1B}[?7l\u{1B}[K\(name) \(bar) \(step.summary)\u{1B}[?7h")
    }
  }

  /// Takes the bar away, so that lines can follow.
  mutating func clear() {
    if isDrawn { console.draw("\r\u{1B}[K") }
    isDrawn = false
    tenthsShown = 0
  }

  private func showJSON(_ line: any Encodable) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if let data = try? encoder.encode(line) { console.note(String(decoding: data, as: UTF8.self)) }
  }
}
