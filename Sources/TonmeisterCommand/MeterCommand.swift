// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// `tonmeister meter`: what files measure.
struct MeterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "meter",
    abstract: "Measures loudness, peaks, width and spectrum.",
    discussion: """
      Loudness and loudness range after ITU-R BS.1770-4 and EBU R 128, true peak after BS.1770-4 Annex 2, \
      the spectrum in octaves. A file of one channel counts as one loudspeaker. A file that cannot be \
      measured does not keep the others from it; the exit status is 1 then.
      """)

  @Argument(help: "Audio files.")
  var files: [String]

  @OptionGroup(title: "What to tell")
  var telling: MeasuringOptions

  @Option(
    help: "Draw waveform, short-term loudness and spectrum of one file, as SVG or PNG.")
  var plot: String?

  func run() throws {
    let console = Console(json: telling.json)
    var measurements: [FileMeasurement] = []
    do {
      if let plot { try checkPlot(plot, console: console) }
      measurements = try telling.measure(files, console: console, warnings: \.warnings) {
        file, report throws(MixdownError) in
        try FileMeasurement(path: file, report: report)
      }
      if let plot, let first = measurements.first { try PictureFile.write(first.picture, to: plot) }
    } catch let error as MixdownError {
      console.error(error.message)
      throw ExitCode.failure
    } catch let error as CommandError {
      console.error(error.message)
      throw ExitCode.failure
    }
    if telling.json {
      try console.printJSON(Report(files: measurements.map(MeasurementReport.init)))
    } else {
      for line in measurements.isEmpty ? [] : Self.table(measurements) { console.say(line) }
    }
    if measurements.count < files.count { throw ExitCode.failure }
  }

  private func checkPlot(_ plot: String, console: Console) throws(CommandError) {
    guard files.count == 1 else {
      throw CommandError(message: "--plot draws one file; name one, or call it for each.")
    }
    try PictureFile.check(plot, inputs: files)
  }

  /// A column for each file.
  private static func table(_ files: [FileMeasurement]) -> [String] {
    func row(_ name: String, _ value: (FileMeasurement) -> String) -> [String] {
      [name] + files.map(value)
    }
    var rows = [
      row("length (s)") { $0.seconds.text },
      row("sample rate (Hz)") { "\($0.sampleRate)" },
      row("channels") { "\($0.channelCount)" },
      row("integrated loudness (LUFS)") { $0.integratedLUFS.text },
      row("short-term loudness, largest (LUFS)") { $0.maximumShortTermLUFS.text },
      row("momentary loudness, largest (LUFS)") { $0.maximumMomentaryLUFS.text },
      row("loudness range (LU)") { $0.rangeLU.text },
      row("true peak (dBTP)") { $0.truePeakDB.text },
      row("sample peak (dBFS)") { $0.samplePeakDB.text },
      row("RMS (dBFS)") { $0.rmsDB.text },
      row("crest factor (dB)") { $0.crestDB.text },
      row("width") { $0.width.text2 },
      row("correlation") { $0.correlation.text2 },
      row("balance") { $0.balance.text2 },
    ]
    let octaves = files.map(\.octaves).max { $0.count < $1.count } ?? []
    for (index, octave) in octaves.enumerated() {
      rows.append(
        row("octave at \(octave.name) (dBFS)") {
          index < $0.octaves.count ? $0.octaves[index].levelDB.text : "–"
        })
    }
    return TextTable.lines(header: [""] + files.map(\.path), rows: rows)
  }

  private struct Report: Encodable {
    var files: [MeasurementReport]
  }
}

extension PictureFile {
  /// Throws where the path is for another format or names one of the files that are measured.
  static func check(_ path: String, inputs: [String]) throws(CommandError) {
    guard endings.contains(URL(filePath: path).pathExtension.lowercased()) else {
      throw CommandError(
        message: "--plot \(path): SVG and PNG are drawn; name a file that ends in .svg or .png.")
    }
    for input in inputs where InputFiles.canonical(input) == InputFiles.canonical(path) {
      throw CommandError(message: "\(input): the picture would overwrite it; choose another name.")
    }
  }
}
