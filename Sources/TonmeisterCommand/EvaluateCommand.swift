// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// `tonmeister evaluate`: how close stems are to the true ones.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measures stems against the true ones.",
    discussion: """
      Prints the signal-to-distortion ratio of each stem over the whole clip in dB, as the Music \
      Demixing challenge defines it. Stems are matched by their names without the ending.
      """)

  @Argument(help: "The folder of the estimated stems, or one file.")
  var estimates: String

  @Argument(help: "The folder of the true stems, or one file.")
  var references: String

  @Flag(help: "Print a JSON object.")
  var json = false

  func run() throws {
    let console = Console(json: json)
    do {
      var results: [String: Double] = [:]
      let pairs = try StemPairs(estimates: estimates, references: references)
      for pair in pairs.pairs {
        results[pair.name] = try pair.measure { console.warning($0) }
      }
      for name in pairs.unmatched { console.warning("\(name): it has no counterpart.") }
      try print(results, console: console)
    } catch let error as CommandError {
      console.error(error.message)
      throw ExitCode.failure
    } catch let error as AudioError {
      console.error(error.description)
      throw ExitCode.failure
    }
  }

  private func print(_ results: [String: Double], console: Console) throws {
    let mean = results.values.reduce(0, +) / Double(results.count)
    if json {
      try console.printJSON(Report(signalToDistortionRatioDB: results, meanDB: mean))
      return
    }
    let rows = results.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } + [("mean", mean)]
    for line in TextTable.lines(
      header: ["STEM", "SDR (dB)"], rows: rows.map { [$0.0, String(format: "%6.2f", $0.1)] })
    { console.say(line) }
  }

  private struct Report: Encodable {
    var signalToDistortionRatioDB: [String: Double]
    var meanDB: Double
  }
}
