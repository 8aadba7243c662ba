// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// `tonmeister compare`: two files side by side at the same loudness.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compares two files at the same loudness.",
    discussion: """
      Louder sounds better, so the spectrum of B is shown with the gain that makes it as loud as A; peaks, \
      dynamics and width do not depend on it, or are shown as they are.
      """)

  @Argument(help: "The first file, A.")
  var first: String

  @Argument(help: "The second file, B.")
  var second: String

  @OptionGroup(title: "What to tell")
  var telling: MeasuringOptions

  @Option(help: "Draw loudness over time and spectrum of both, as SVG or PNG.")
  var plot: String?

  func run() throws {
    let console = Console(json: telling.json)
    let comparison: FileComparison
    do {
      if let plot { try PictureFile.check(plot, inputs: [first, second]) }
      var display = ProgressDisplay(
        try telling.progress?.value(of: "--progress"), console: console)
      defer { display.clear() }
      comparison = FileComparison(
        try FileMeasurement(path: first, report: { display.show($0, file: first) }),
        try FileMeasurement(path: second, report: { display.show($0, file: second) }))
      display.clear()
      for warning in comparison.first.warnings + comparison.second.warnings {
        console.warning(warning)
      }
      if let plot { try PictureFile.write(comparison.picture, to: plot) }
    } catch let error as MixdownError {
      console.error(error.message)
      throw ExitCode.failure
    } catch let error as CommandError {
      console.error(error.message)
      throw ExitCode.failure
    }
    if telling.json {
      try console.printJSON(Report(comparison))
      return
    }
    console.say("B is played at \(comparison.matchingGainDB.signed) dB to be as loud as A.")
    let rows = comparison.rows.map { row in
      let isRatio = row.unit.isEmpty
      func text(_ value: Double) -> String { isRatio ? value.text2 : value.text }
      return [
        row.name + (isRatio ? "" : " (\(row.unit))"), text(row.first), text(row.second),
        row.difference.isNaN
          ? "–" : isRatio ? String(format: "%+.2f", row.difference) : row.difference.signed,
      ]
    }
    for line in TextTable.lines(header: ["", "A", "B", "B - A"], rows: rows) { console.say(line) }
  }

  private struct Report: Encodable {
    struct Row: Encodable {
      var name: String
      var unit: String
      var a: Double?
      var b: Double?
      var difference: Double?
    }

    var a: MeasurementReport
    var b: MeasurementReport
    var matchingGainDB: Double
    var rows: [Row]

    init(_ comparison: FileComparison) {
      a = MeasurementReport(comparison.first)
      b = MeasurementReport(comparison.second)
      matchingGainDB = comparison.matchingGainDB
      rows = comparison.rows.map {
        Row(
          name: $0.name, unit: $0.unit, a: $0.first.ifFinite, b: $0.second.ifFinite,
          difference: $0.difference.ifFinite)
      }
    }
  }
}

extension Double {
  /// The number with its sign and one digit, for a person.
  fileprivate var signed: String {
    isFinite ? String(format: "%+.1f", (self * 10).rounded() / 10 + 0) : text
  }
}
