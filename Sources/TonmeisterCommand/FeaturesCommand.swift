// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// `tonmeister features`: the audio features of files.
struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Computes audio features: levels, spectrum, mel bands, onsets, tempo and key.",
    discussion: """
      Spectral features are those of librosa at its defaults: mono at 22,050 Hz, frames of 2048 samples, \
      512 apart. Levels are of the file as it is; a file of one channel counts as one loudspeaker.
      """)

  @Argument(help: "Audio files.")
  var files: [String]

  @OptionGroup(title: "What to tell")
  var telling: MeasuringOptions

  @Flag(help: "Print the values of every frame too; with --json.")
  var frames = false

  func validate() throws {
    if frames, !telling.json { throw ValidationError("--frames is for --json; add it.") }
  }

  func run() throws {
    let console = Console(json: telling.json)
    var features: [FileFeatures] = []
    do throws(CommandError) {
      features = try telling.measure(files, console: console, warnings: \.warnings) {
        file, report throws(MixdownError) in
        try FileFeatures(path: file, keepsSeries: frames, report: report)
      }
    } catch {
      console.error(error.message)
      throw ExitCode.failure
    }
    if telling.json {
      try console.printJSON(Report(files: features.map { FeatureReport($0) }))
    } else {
      for line in features.isEmpty ? [] : Self.table(features) { console.say(line) }
    }
    if features.count < files.count { throw ExitCode.failure }
  }

  /// A column for each file: means over the frames where a value changes.
  private static func table(_ files: [FileFeatures]) -> [String] {
    func level(_ name: String, _ value: (LevelFeatures) -> Double?) -> [String] {
      [name] + files.map { value($0.features.levels)?.text ?? "–" }
    }
    func spectrum(_ name: String, _ value: (SpectralFeatures) -> String) -> [String] {
      [name] + files.map { value($0.features.spectrum) }
    }
    var rows = [
      ["length (s)"] + files.map(\.seconds.text),
      ["sample rate (Hz)"] + files.map { "\($0.sampleRate)" },
      ["channels"] + files.map { "\($0.channelCount)" },
      level("integrated loudness (LUFS)") { $0.integratedLUFS },
      level("loudness range (LU)") { $0.loudnessRangeLU },
      level("level range of 100 ms (LU)") { $0.levelRangeLU },
      level("dynamic range, DR (dB)") { $0.dynamicRangeDB },
      level("RMS (dBFS)") { $0.rmsDB },
      level("sample peak (dBFS)") { $0.samplePeakDB },
      level("crest factor (dB)") { $0.crestDB },
      spectrum("zero-crossing rate") { $0.zeroCrossingRate.mean.text4 },
      spectrum("spectral centroid (Hz)") { $0.centroidHz.mean.text },
      spectrum("spectral bandwidth (Hz)") { $0.bandwidthHz.mean.text },
      spectrum("spectral roll-off (Hz)") { $0.rollOffHz.mean.text },
      spectrum("spectral flatness") { $0.flatness.mean.text4 },
      spectrum("spectral flux") { $0.flux.mean.text4 },
    ]
    for (index, band) in SpectralFeatures.contrastBands.enumerated() {
      let name = "\(Int(band.lowestHz))–\(Int(band.highestHz)) Hz"
      rows.append(spectrum("spectral contrast, \(name) (dB)") { $0.contrastDB[index].mean.text })
    }
    for index in 0..<13 {
      rows.append(spectrum("MFCC \(index)") { $0.mfcc[index].mean.text2 })
    }
    rows += [
      spectrum("onset strength") { $0.onsetStrength.mean.text2 },
      spectrum("tempo (BPM)") { $0.tempo?.refinedBeatsPerMinute.text ?? "–" },
      spectrum("tempo, strength") { $0.tempo?.strength.text2 ?? "–" },
      spectrum("half and double tempo, strength") { features in
        features.tempo.map { $0.halfTempoStrength.text2 + ", " + $0.doubleTempoStrength.text2 }
          ?? "–"
      },
      spectrum("key, correlation") { features in
        features.key.map { $0.key.name + ", " + $0.correlation.text2 } ?? "–"
      },
      spectrum("second key, correlation") { features in
        features.key.map { $0.secondKey.name + ", " + $0.secondCorrelation.text2 } ?? "–"
      },
    ]
    return TextTable.lines(header: [""] + files.map(\.path), rows: rows)
  }

  private struct Report: Encodable {
    var analysis = Analysis()
    var files: [FeatureReport]
  }

  /// What the frames are.
  private struct Analysis: Encodable {
    var sampleRate = SpectralFeatureExtractor.sampleRate
    var frameLength = SpectralFeatureExtractor.frameLength
    var hopLength = SpectralFeatureExtractor.hopLength
    var contrastBandsHz = SpectralFeatures.contrastBands.map { [$0.lowestHz, $0.highestHz] }
    var pitchClasses = MusicalKey.pitchClassNames
  }
}

extension Double {
  /// The number with four digits, for a person.
  fileprivate var text4: String { String(format: "%.4f", self) }
}
