// SPDX-License-Identifier: MIT
import Foundation

/// Two files side by side, at the same loudness: louder sounds better, so levels are matched before anything
/// else is compared.
public struct FileComparison: Sendable, Equatable {
  /// One line of the comparison.
  public struct Row: Sendable, Equatable {
    /// What is compared.
    public var name: String
    /// Its unit; empty for a plain number.
    public var unit: String
    /// The value of the first file.
    public var first: Double
    /// The value of the second file.
    public var second: Double
    /// The second less the first.
    public var difference: Double { second - first }
  }

  /// The first file.
  public let first: FileMeasurement
  /// The second file.
  public let second: FileMeasurement
  /// The gain in dB that makes the second as loud as the first; 0 where one of them is silent.
  public let matchingGainDB: Double

  /// Compares two measurements.
  public init(_ first: FileMeasurement, _ second: FileMeasurement) {
    self.first = first
    self.second = second
    let gain = first.integratedLUFS - second.integratedLUFS
    matchingGainDB = gain.isFinite ? gain : 0
  }

  /// Levels and peaks as they are, then dynamics, width and, at the same loudness, the spectrum.
  public var rows: [Row] {
    func row(_ name: String, _ unit: String, _ value: (FileMeasurement) -> Double) -> Row {
      Row(name: name, unit: unit, first: value(first), second: value(second))
    }
    var rows = [
      row("integrated loudness", "LUFS") { $0.integratedLUFS },
      row("true peak", "dBTP") { $0.truePeakDB },
      row("loudness range", "LU") { $0.rangeLU },
      row("crest factor", "dB") { $0.crestDB },
      row("peak to loudness", "LU") { $0.peakToLoudnessLU },
      row("short-term over integrated", "LU") { $0.maximumShortTermLUFS - $0.integratedLUFS },
      row("width", "") { $0.width },
      row("correlation", "") { $0.correlation },
      row("balance", "") { $0.balance },
    ]
    for (index, octave) in first.octaves.enumerated() where index < second.octaves.count {
      rows.append(
        Row(
          name: "octave at \(octave.name), matched", unit: "dB", first: octave.levelDB,
          second: second.octaves[index].levelDB + matchingGainDB))
    }
    return rows
  }

  /// A picture of short-term loudness and spectrum at the same loudness, with level, dynamics and width as a table, in
  /// SVG.
  public var picture: String {
    let files = [(first, first.path, 0.0), (second, second.path, matchingGainDB)]
    return Picture(
      title: "Compared at the same loudness",
      panels: [FileMeasurement.loudnessPanel(files), FileMeasurement.spectrumPanel(files)],
      rows: [["", "A", "B", "B - A"]]
        + rows.prefix { !$0.name.hasPrefix("octave") }.map { row in
          func text(_ value: Double) -> String {
            let digits = row.unit.isEmpty ? 2 : 1
            return value.isFinite
              ? String(format: "%.\(digits)f", value.rounded(digits: digits) + 0) : "–"
          }
          return [
            row.name + (row.unit.isEmpty ? "" : " (\(row.unit))"), text(row.first),
            text(row.second), text(row.difference),
          ]
        }
    ).svg
  }
}
