// SPDX-License-Identifier: MIT

/// A format to write.
public enum AudioFileFormat: Sendable, Equatable {
  /// WAV, 16-bit integers; RF64 from 4 GB on.
  case wav16
  /// WAV, 24-bit integers; RF64 from 4 GB on.
  case wav24
  /// WAV, 32-bit floats, not clipped; RF64 from 4 GB on.
  case wavFloat32
  /// FLAC with 16 or 24 bits per sample.
  case flac(bitsPerSample: Int)
  /// MP3 at a constant rate in kbit/s: 32 to 320 for sample rates of 32 kHz and more, 8 to 160
  /// from 16 kHz on, 8 to 64 below; other values take the nearest of the format's steps.
  case mp3(bitrateKbps: Int)
  /// Ogg Vorbis; quality from 0 (about 64 kbit/s for stereo) to 1 (about 500 kbit/s).
  case oggVorbis(quality: Double)
  /// Opus at about this many kbit/s for all channels together, 6 to 256 for each.
  case opus(bitrateKbps: Int)

  /// The constant rates that MP3 has at sample rates of 32 kHz and more, in kbit/s (ISO/IEC 11172-3,
  /// 2.4.2.3, layer III).
  public static let mp3BitratesKbps = [
    32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
  ]

  /// The usual file name extension without its dot.
  public var fileExtension: String {
    switch self {
    case .wav16, .wav24, .wavFloat32: "wav"
    case .flac: "flac"
    case .mp3: "mp3"
    case .oggVorbis: "ogg"
    case .opus: "opus"
    }
  }

  /// Whether what is read back equals what was written, but for rounding.
  public var isLossless: Bool {
    switch self {
    case .wav16, .wav24, .wavFloat32, .flac: true
    case .mp3, .oggVorbis, .opus: false
    }
  }

  /// The rate in Hz that a file for audio of `sampleRate` Hz has.
  ///
  /// MP3 and Opus know few rates; audio of another rate is resampled to the next higher one, or
  /// to their highest, 48 kHz.
  public func fileSampleRate(for sampleRate: Int) -> Int {
    let rates: [Int]
    switch self {
    case .wav16, .wav24, .wavFloat32, .flac, .oggVorbis: return sampleRate
    case .mp3: rates = [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]
    case .opus: rates = [8_000, 12_000, 16_000, 24_000, 48_000]
    }
    return rates.first { $0 >= sampleRate } ?? 48_000
  }
}
