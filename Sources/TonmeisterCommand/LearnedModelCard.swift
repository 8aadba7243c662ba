// SPDX-License-Identifier: MIT
import Foundation
import Mixdown
import Tonmeister

/// Tells a person what a model was learned from and what it is worth.
struct LearnedModelCard {
  private let card: LearnedModel.Card

  init(_ card: LearnedModel.Card) { self.card = card }

  private static let subjects = [
    "gains": "gains of all stems, dB", "level": "vocals against the backing, LU",
    "range": "range of the vocals' levels, LU", "equalizer": "bands of an equalizer, dB",
    "decay": "reverberation time, natural logarithm",
  ]

  /// A line for every task.
  var table: [String] {
    card.reports.map { report in
      let subject = Self.subjects[report.task] ?? report.task
      guard report.songCount > 0 else { return "\(subject): nothing to learn from" }
      return String(
        format: "%@: error %.2f, %@ %.2f: %@", subject, report.smallestError, report.baseline,
        report.baselineError,
        Self.verdict(report))
    }
  }

  private static func verdict(_ report: TaskReport) -> String {
    if report.isBetter { return "used" }
    return report.heldOutCount < report.fewestHeldOut
      ? "too few songs held out to tell, so not used" : "no better, so not used"
  }

  /// A model card in Markdown.
  var text: String {
    var lines = [
      "# A model for automatic mixing", "",
      "Learned by Tonmeister from \(card.songs.count) finished songs; \(card.heldOut.count) more "
        + "were held out.", "",
      "| what | error on the songs held out | without listening | used |",
      "|---|---|---|---|",
    ]
    for report in card.reports {
      let subject = Self.subjects[report.task] ?? report.task
      guard report.songCount > 0 else {
        lines.append("| \(subject) | nothing to learn from | | no |")
        continue
      }
      lines.append(
        String(
          format: "| %@ | %.2f | %.2f (%@) | %@ |", subject, report.smallestError,
          report.baselineError, report.baseline, Self.verdict(report)))
    }
    lines += [
      "",
      "Errors are means of absolute distances. The songs held out also chose when to stop, so that the "
        + "errors on other songs are larger; networks that are no better than what can be said without "
        + "listening are not used.", "",
      "Seed \(card.options.seed), at most \(card.options.largestEpochCount) epochs of "
        + "\(card.options.batchesOfEpoch) batches, Adam with a step of \(card.options.learningRate). "
        + "The curves are in `losses.svg`.", "",
      "## Songs", "",
      "The fingerprint is the SHA-256 of the mel spectrograms of the stems.", "",
    ]
    for (title, songs) in [("for training", card.songs), ("held out", card.heldOut)] {
      for song in songs {
        lines.append("- \(song.name.onOneLine), \(title): `\(song.fingerprint)`")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The loss and the error on the songs held out over the epochs, in SVG.
  var picture: String {
    let panels = card.reports.filter { !$0.losses.isEmpty }.map { report in
      let count = Double(report.losses.count)
      let step = max(1, (count / 10).rounded(.up))
      let marks = stride(from: 1, through: count, by: step).map { ($0, "\(Int($0))") }
      // Each against its first value or its baseline, so that both fit.
      let losses = Self.points(report.losses, unit: report.losses[0])
      let errors = Self.points(report.heldOutErrors, unit: report.baselineError)
      var panel = Picture.Panel(
        title: "\(Self.subjects[report.task] ?? report.task)",
        horizontal: 1...max(2, count), vertical: 0...2, horizontalMarks: marks,
        verticalMarks: [(0, "0"), (0.5, "0.5"), (1, "1"), (1.5, "1.5"), (2, "2")],
        lines: [
          Picture.Line(points: losses, colour: Picture.colours[0]),
          Picture.Line(points: errors, colour: Picture.colours[1]),
        ])
      panel.legend = [
        ("loss, against the first epoch", Picture.colours[0]),
        ("error on songs held out, against “\(report.baseline)”", Picture.colours[1]),
      ]
      return panel
    }
    return Picture(title: "Learning, by epochs", panels: panels).svg
  }

  private static func points(_ values: [Double], unit: Double) -> [(Double, Double)] {
    values.enumerated().map { (Double($0 + 1), $1 / max(unit, 1e-9)) }
  }
}
