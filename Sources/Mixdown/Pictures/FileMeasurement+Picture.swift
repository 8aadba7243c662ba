// SPDX-License-Identifier: MIT
import Foundation

extension FileMeasurement {
  /// A picture of waveform, short-term loudness and spectrum, in SVG.
  public var picture: String {
    Picture(title: path, panels: [waveformPanel, loudnessPanel, spectrumPanel]).svg
  }

  private var timeAxis: (range: ClosedRange<Double>, marks: [(Double, String)]) {
    Self.timeAxis(seconds)
  }

  static func timeAxis(
    _ seconds: Double
  ) -> (range: ClosedRange<Double>, marks: [(Double, String)]) {
    let steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 3600, 7200]
    let step = steps.first { seconds / $0 <= 10 } ?? seconds / 10
    let marks = stride(from: 0, through: seconds, by: step).map { time -> (Double, String) in
      if step < 1 { return (time, String(format: "%.1f", time)) }
      return (time, String(format: "%d:%02d", Int(time) / 60, Int(time) % 60))
    }
    return (0...max(seconds, 1e-6), marks)
  }

  private var waveformPanel: Picture.Panel {
    let axis = timeAxis
    // Two values a frame.
    let length = Double(waveform.valuesPerBin) / Double(2 * sampleRate)
    let times = waveform.lowest.indices.map { (Double($0) + 0.5) * length }
    let upper = zip(times, waveform.highest).map { ($0, Double($1)) }
    let lower = zip(times, waveform.lowest).map { ($0, Double($1)) }
    return Picture.Panel(
      title: "Waveform (both channels)", horizontal: axis.range, vertical: -1...1,
      horizontalMarks: axis.marks, verticalMarks: [(-1, "-1"), (0, "0"), (1, "1")],
      lines: [.init(points: upper + lower.reversed(), colour: Picture.colours[0], isFilled: true)])
  }

  private var loudnessPanel: Picture.Panel {
    Self.loudnessPanel([(self, "", 0)])
  }

  /// The short-term loudness of files over time, each moved by some dB.
  static func loudnessPanel(
    _ files: [(file: FileMeasurement, name: String, gainDB: Double)]
  ) -> Picture.Panel {
    let axis = timeAxis(files.map(\.file.seconds).max() ?? 1)
    var panel = Picture.Panel(
      title: "Short-term loudness (LUFS)", horizontal: axis.range, vertical: -50...0,
      horizontalMarks: axis.marks,
      verticalMarks: stride(from: -50.0, through: 0, by: 10).map { ($0, "\(Int($0))") })
    for (index, entry) in files.enumerated() {
      let series = entry.file.shortTerm
      let length = shortTermSeconds * Double(series.valuesPerBin)
      let points = series.highest.enumerated().compactMap { index, value -> (Double, Double)? in
        value.isFinite ? (Double(index + 1) * length, Double(value) + entry.gainDB) : nil
      }
      panel.lines.append(.init(points: points, colour: Picture.colours[index]))
      if !entry.name.isEmpty { panel.legend.append((entry.name, Picture.colours[index])) }
    }
    return panel
  }

  private var spectrumPanel: Picture.Panel { Self.spectrumPanel([(self, "", 0)]) }

  /// The spectra of files, each moved by some dB.
  static func spectrumPanel(
    _ files: [(file: FileMeasurement, name: String, gainDB: Double)]
  ) -> Picture.Panel {
    var panel = Picture.Panel(
      title: "Spectrum (dBFS in bands of a sixth of an octave)",
      horizontal: log2(30)...log2(20_000), vertical: -100...0,
      horizontalMarks: [
        (31.25, "31"), (62.5, "63"), (125, "125"), (250, "250"), (500, "500"), (1000, "1k"),
        (2000, "2k"), (4000, "4k"), (8000, "8k"), (16_000, "16k"),
      ].map { (log2($0.0), $0.1) },
      verticalMarks: stride(from: -100.0, through: 0, by: 20).map { ($0, "\(Int($0))") })
    for (index, entry) in files.enumerated() {
      let points = entry.file.curve.compactMap { band -> (Double, Double)? in
        band.levelDB.isFinite ? (log2(band.centreHz), band.levelDB + entry.gainDB) : nil
      }
      panel.lines.append(.init(points: points, colour: Picture.colours[index]))
      if !entry.name.isEmpty { panel.legend.append((entry.name, Picture.colours[index])) }
    }
    return panel
  }
}
