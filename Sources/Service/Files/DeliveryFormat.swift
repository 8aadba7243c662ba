// SPDX-License-Identifier: MIT
import Audio

/// A format in which audio is handed out.
struct DeliveryFormat: Sendable, Equatable {
  static let formats = ["wav", "flac", "mp3", "opus"]
  static let encodings = ["float32", "int16", "int24"]

  /// What the file is written as.
  let file: AudioFileFormat
  /// What stands for it in names of files.
  let token: String

  /// Reads the format of a request.
  ///
  /// - Parameters:
  ///   - format: `wav`, `flac`, `mp3` or `opus`; WAV where it is nil.
  ///   - encoding: For WAV and FLAC: `float32`, `int16` or `int24`.
  /// - Throws: `invalid`.
  init(format: String?, encoding: String?) throws(ServiceError) {
    let format = format ?? "wav"
    guard Self.formats.contains(format) else {
      throw ServiceError(
        .invalid, "format: “\(format)” is none of \(Self.formats.joined(separator: ", ")).")
    }
    if let encoding, !Self.encodings.contains(encoding) {
      throw ServiceError(
        .invalid, "encoding: “\(encoding)” is none of \(Self.encodings.joined(separator: ", ")).")
    }
    switch (format, encoding) {
    case ("wav", "int16"): (file, token) = (.wav16, "wav-int16")
    case ("wav", "int24"): (file, token) = (.wav24, "wav-int24")
    case ("wav", _): (file, token) = (.wavFloat32, "wav-float32")
    case ("flac", "int16"): (file, token) = (.flac(bitsPerSample: 16), "flac-int16")
    case ("flac", _): (file, token) = (.flac(bitsPerSample: 24), "flac-int24")
    case ("mp3", _): (file, token) = (.mp3(bitrateKbps: 256), "mp3-256")
    default: (file, token) = (.opus(bitrateKbps: 160), "opus-160")
    }
  }

  /// What is stored.
  static var stored: DeliveryFormat { .init(file: .wavFloat32, token: "wav-float32") }

  private init(file: AudioFileFormat, token: String) {
    self.file = file
    self.token = token
  }

  /// The ending of a file's name, without its dot.
  var fileExtension: String { file.fileExtension }

  /// The type in a Content-Type header.
  var mediaType: String {
    switch file {
    case .wav16, .wav24, .wavFloat32: "audio/wav"
    case .flac: "audio/flac"
    case .mp3: "audio/mpeg"
    case .oggVorbis, .opus: "audio/ogg"
    }
  }
}
