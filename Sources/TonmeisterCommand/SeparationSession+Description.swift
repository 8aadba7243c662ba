// SPDX-License-Identifier: MIT
import Foundation
import Tonmeister

extension SeparationSession {
  /// Says what is about to be done, a `name: value` line each.
  func describe() {
    for (name, value) in descriptions { console.note("\(name): \(value)") }
  }

  private var descriptions: [(name: String, value: String)] {
    let model = separator.model
    let options = separator.options
    let cores = ProcessInfo.processInfo.activeProcessorCount
    return [
      ("model", model.name.rawValue),
      ("model file", model.file?.path ?? "none"),
      ("licence", model.licence),
      ("stems", separator.stems.joined(separator: ", ")),
      ("written", selectionDescription),
      ("folder", URL(filePath: output.out).absoluteURL.path),
      ("filename", output.filename.text),
      ("format", output.formatDescription),
      ("clip mode", clipMode.rawValue),
      ("sample rate", options.sampleRate.map { "\($0) Hz" } ?? "that of the song"),
      ("overlap", "\(options.overlap)"),
      ("shifts", options.shifts == 0 ? "0" : "\(options.shifts), seed \(options.seed)"),
      ("segment", options.segmentSeconds.map { "\($0) s" } ?? "the model's own"),
      ("precision", "\(separator.precision.rawValue), \(Separator.instructionSet)"),
      ("jobs", options.jobs == 0 ? "\(cores), one per core" : "\(options.jobs)"),
    ]
  }

  private var selectionDescription: String {
    let names = try? StemFiles.names(for: selection, stems: separator.stems)
    return names?.joined(separator: ", ") ?? "nothing"
  }
}

extension OutputOptions {
  /// The format in words.
  fileprivate var formatDescription: String {
    switch format {
    case .wav16: "WAV, 16 bits"
    case .wav24: "WAV, 24 bits"
    case .wavFloat32: "WAV, 32-bit float"
    case .flac(let bits): "FLAC, \(bits) bits"
    case .mp3(let bitrate): "MP3, \(bitrate) kbit/s"
    case .oggVorbis(let quality): "Ogg Vorbis, quality \(quality)"
    case .opus(let bitrate): "Opus, \(bitrate) kbit/s"
    }
  }
}
