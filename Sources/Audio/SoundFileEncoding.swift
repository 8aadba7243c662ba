// SPDX-License-Identifier: MIT
internal import CSndfile

/// How libsndfile is told about an ``AudioFileFormat``.
struct SoundFileEncoding {
  /// What samples are handed over as.
  enum SampleKind {
    case int16, int24, float, clippedFloat
  }

  let info: SF_INFO
  let sampleKind: SampleKind
  let format: AudioFileFormat

  /// Checks the numbers within `format`.
  ///
  /// - Throws: ``AudioError`` with code `unsupported`.
  init(
    _ format: AudioFileFormat, sampleRate: Int, channelCount: Int, path: String
  ) throws(AudioError) {
    let majorFormat: Int
    let minorFormat: Int
    switch format {
    case .wav16: (majorFormat, minorFormat, sampleKind) = (SF_FORMAT_RF64, SF_FORMAT_PCM_16, .int16)
    case .wav24: (majorFormat, minorFormat, sampleKind) = (SF_FORMAT_RF64, SF_FORMAT_PCM_24, .int24)
    case .wavFloat32:
      (majorFormat, minorFormat, sampleKind) = (SF_FORMAT_RF64, SF_FORMAT_FLOAT, .float)
    case .flac(bitsPerSample: 16):
      (majorFormat, minorFormat, sampleKind) = (SF_FORMAT_FLAC, SF_FORMAT_PCM_16, .int16)
    case .flac(bitsPerSample: 24):
      (majorFormat, minorFormat, sampleKind) = (SF_FORMAT_FLAC, SF_FORMAT_PCM_24, .int24)
    case .flac(let bits):
      throw Self.unsupported(path, "FLAC with \(bits) bits per sample; choose 16 or 24")
    case .mp3(let bitrate):
      guard 8...320 ~= bitrate else {
        throw Self.unsupported(path, "MP3 at \(bitrate) kbit/s; choose 8 to 320")
      }
      guard channelCount <= 2 else {
        throw Self.unsupported(path, "MP3 with \(channelCount) channels; choose 1 or 2")
      }
      majorFormat = SF_FORMAT_MPEG
      (minorFormat, sampleKind) = (SF_FORMAT_MPEG_LAYER_III, .clippedFloat)
    case .oggVorbis(let quality):
      guard 0...1 ~= quality else {
        throw Self.unsupported(path, "Vorbis at quality \(quality); choose 0 to 1")
      }
      (majorFormat, minorFormat, sampleKind) = (SF_FORMAT_OGG, SF_FORMAT_VORBIS, .clippedFloat)
    case .opus(let bitrate):
      guard 6 * channelCount...256 * channelCount ~= bitrate else {
        throw Self.unsupported(
          path, "Opus at \(bitrate) kbit/s; choose \(6 * channelCount) to \(256 * channelCount)")
      }
      (majorFormat, minorFormat, sampleKind) = (SF_FORMAT_OGG, SF_FORMAT_OPUS, .clippedFloat)
    }
    info = SF_INFO(
      frames: 0, samplerate: Int32(sampleRate), channels: Int32(channelCount),
      format: Int32(majorFormat | minorFormat), sections: 0, seekable: 0)
    self.format = format
  }

  /// Whether the file is WAV or, where it grows beyond 4 GB, RF64.
  var isWave: Bool { info.format & Int32(SF_FORMAT_TYPEMASK) == Int32(SF_FORMAT_RF64) }

  /// Sets what is not in the format number, before the first frame.
  func configure(_ handle: OpaquePointer) {
    switch format {
    case .wav16, .wav24, .wavFloat32:
      // RF64 becomes plain WAV on closing unless it grew beyond 4 GB.
      sf_command(handle, Int32(SFC_RF64_AUTO_DOWNGRADE), nil, 1)
    case .flac:
      break
    case .mp3(let bitrate):
      set(handle, SFC_SET_BITRATE_MODE, Int32(SF_BITRATE_MODE_CONSTANT))
      set(handle, SFC_SET_COMPRESSION_LEVEL, mp3Compression(bitrate))
    case .oggVorbis(let quality):
      set(handle, SFC_SET_VBR_ENCODING_QUALITY, quality)
    case .opus(let bitrate):
      // libsndfile 1.2.0 maps 0…1 to 256…6 kbit/s per channel.
      let perChannel = Double(bitrate) / Double(info.channels)
      set(handle, SFC_SET_COMPRESSION_LEVEL, min(1, max(0, (256 - perChannel) / 250)))
    }
  }

  /// The number from 0 to 1 that libsndfile 1.2.0 turns into `bitrate` kbit/s.
  ///
  /// It maps 0…1 to the highest…lowest rate of the MPEG version and drops the fraction, hence the
  /// half added here; LAME then takes the nearest step of the format.
  private func mp3Compression(_ bitrate: Int) -> Double {
    let (lowest, highest): (Double, Double) =
      switch info.samplerate {
      case 32_000...: (32, 320)
      case 16_000...: (8, 160)
      default: (8, 64)
      }
    return min(1, max(0, (highest - Double(bitrate) - 0.5) / (highest - lowest)))
  }

  private func set<Value: BitwiseCopyable>(
    _ handle: OpaquePointer, _ command: Int, _ value: Value
  ) {
    var value = value
    sf_command(handle, Int32(command), &value, Int32(MemoryLayout<Value>.size))
  }

  private static func unsupported(_ path: String, _ what: String) -> AudioError {
    AudioError(code: .unsupported, path: path, message: "cannot be written as \(what)")
  }
}
