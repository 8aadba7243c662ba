// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Testing

@Suite struct AudioWriterTests {
  private let music = sines([220, 554.4, 1_760], sampleRate: 44_100, frameCount: 44_100)

  /// Every 16-bit value once, as both channels see it.
  private var every16BitValue: AudioBuffer {
    let steps = (Int32(-32_768)...32_767).map { Float($0) / 32_768 }
    return AudioBuffer(
      channelCount: 2, frameCount: steps.count, samples: steps + steps.reversed())
  }

  @Test(arguments: [
    AudioFileFormat.wav16, .wav24, .wavFloat32, .flac(bitsPerSample: 16), .flac(bitsPerSample: 24),
  ])
  func sixteenBitAudioSurvivesEveryLosslessFormat(_ format: AudioFileFormat) throws {
    try withFolder { folder in
      let path = "\(folder)/a.\(format.fileExtension)"
      try writeAll(every16BitValue, to: path, format)
      let (buffer, warnings) = try readAll(path)
      #expect(buffer == every16BitValue)
      #expect(warnings.isEmpty)
      #expect(try names(in: folder) == ["a.\(format.fileExtension)"])
    }
  }

  @Test(arguments: [
    (AudioFileFormat.wav16, Float(1) / 65_536), (.wav24, Float(1) / 16_777_216),
    (.flac(bitsPerSample: 16), Float(1) / 65_536),
    (.flac(bitsPerSample: 24), Float(1) / 16_777_216), (.wavFloat32, 0),
  ])
  func roundingIsToTheNearestStep(_ format: AudioFileFormat, _ tolerance: Float) throws {
    try withFolder { folder in
      let path = "\(folder)/a.\(format.fileExtension)"
      try writeAll(music, to: path, format)
      #expect(try largestDifference(readAll(path).buffer, music) <= tolerance)
    }
  }

  /// Format tag and chunk order as the oldest readers want them (Microsoft, RIFF MCI, 1991).
  @Test(arguments: [
    (AudioFileFormat.wav16, 1, 16), (.wav24, 1, 24), (.wavFloat32, 3, 32),
  ])
  func waveHeadersAreThePlainestOnes(_ format: AudioFileFormat, _ tag: Int, _ bits: Int) throws {
    try withFolder { folder in
      let path = "\(folder)/a.wav"
      try writeAll(music, to: path, format)
      let bytes = try load(path)
      func number(_ offset: Int, _ count: Int) -> Int {
        bytes[offset..<offset + count].reversed().reduce(0) { $0 << 8 | Int($1) }
      }
      #expect(String(decoding: bytes[0..<4], as: UTF8.self) == "RIFF")
      #expect(number(4, 4) == bytes.count - 8)
      #expect(String(decoding: bytes[8..<16], as: UTF8.self) == "WAVEfmt ")
      #expect(number(16, 4) == 16)
      #expect(number(20, 2) == tag)
      #expect(number(22, 2) == 2)
      #expect(number(24, 4) == 44_100)
      #expect(number(32, 2) == bits / 4)
      #expect(number(34, 2) == bits)
    }
  }

  @Test func integersClipAndFloatsDoNot() throws {
    let loud = AudioBuffer(
      channelCount: 1, frameCount: 6, samples: [2, -2, 1, -1, .nan, .infinity])
    try withFolder { folder in
      let top = Float(32_767) / 32_768
      try writeAll(loud, to: "\(folder)/a.wav", .wav16)
      let clipped = try readAll("\(folder)/a.wav").buffer
      #expect(Array(clipped[channel: 0]) == [top, -1, top, -1, 0, top])
      try writeAll(loud, to: "\(folder)/b.wav", .wavFloat32)
      let kept = try readAll("\(folder)/b.wav").buffer
      #expect(Array(kept[channel: 0]) == [2, -2, 1, -1, 0, 0])
    }
  }

  @Test(arguments: [
    (AudioFileFormat.mp3(bitrateKbps: 320), 40.0), (.mp3(bitrateKbps: 128), 20),
    (.oggVorbis(quality: 0.6), 30), (.opus(bitrateKbps: 192), 25),
  ])
  func lossyFormatsKeepTheMusicAndItsLength(_ format: AudioFileFormat, _ bound: Double) throws {
    try withFolder { folder in
      let path = "\(folder)/a.\(format.fileExtension)"
      try writeAll(music, to: path, format)
      let reader = try AudioReader(path: path)
      let rate = format.fileSampleRate(for: 44_100)
      #expect(reader.sourceFormat.sampleRate == rate)
      let (buffer, warnings) = try readAll(path)
      #expect(warnings.isEmpty)
      #expect(buffer.frameCount == rate)
      let expected = sines([220, 554.4, 1_760], sampleRate: rate, frameCount: rate)
      #expect(signalToNoiseDB(buffer, expected, frames: 4_000..<40_000) > bound)
    }
  }

  /// The judge is ffprobe.
  @Test(arguments: [320, 256, 192, 128, 64])
  func mp3HasTheBitRateAskedFor(_ bitrate: Int) throws {
    try withFolder { folder in
      try writeAll(music, to: "\(folder)/a.mp3", .mp3(bitrateKbps: bitrate))
      #expect(try probe("\(folder)/a.mp3", "stream=bit_rate") == "\(bitrate * 1_000)")
    }
  }

  @Test(arguments: [(24_000, 160), (24_000, 64), (8_000, 64), (8_000, 16), (96_000, 320)])
  func mp3HasTheBitRateAskedForAtOtherRates(_ rate: Int, _ bitrate: Int) throws {
    try withFolder { folder in
      try writeAll(music, to: "\(folder)/a.mp3", .mp3(bitrateKbps: bitrate), sampleRate: rate)
      #expect(try probe("\(folder)/a.mp3", "stream=bit_rate") == "\(bitrate * 1_000)")
      #expect(try probe("\(folder)/a.mp3", "stream=sample_rate") == "\(min(rate, 48_000))")
    }
  }

  @Test func opusHasAboutTheBitRateAskedFor() throws {
    var generator = Generator(state: 1)
    let noise = AudioBuffer(
      channelCount: 2, frameCount: 88_200,
      samples: (0..<176_400).map { _ in Float.random(in: -0.5...0.5, using: &generator) })
    try withFolder { folder in
      for bitrate in [64, 128, 256] {
        let path = "\(folder)/\(bitrate).opus"
        try writeAll(noise, to: path, .opus(bitrateKbps: bitrate))
        let actual = Double(try load(path).count) * 8 / 2 / 1_000
        #expect(abs(actual / Double(bitrate) - 1) < 0.2)
      }
    }
  }

  @Test(arguments: [
    (AudioFileFormat.wav16, "wav", "pcm_s16le"), (.wav24, "wav", "pcm_s24le"),
    (.wavFloat32, "wav", "pcm_f32le"), (.flac(bitsPerSample: 24), "flac", "flac"),
    (.mp3(bitrateKbps: 192), "mp3", "mp3"), (.oggVorbis(quality: 0.5), "ogg", "vorbis"),
    (.opus(bitrateKbps: 128), "ogg", "opus"),
  ])
  func othersRecogniseTheFiles(
    _ format: AudioFileFormat, _ container: String, _ codec: String
  ) throws {
    try withFolder { folder in
      let path = "\(folder)/a.\(format.fileExtension)"
      try writeAll(music, to: path, format)
      #expect(try probe(path, "format=format_name") == container)
      #expect(try probe(path, "stream=codec_name") == codec)
    }
  }

  @Test(arguments: [8_000, 12_345, 22_050, 96_000, 192_000])
  func everyRateCanBeWritten(_ rate: Int) throws {
    let short = sines([300], sampleRate: rate, frameCount: rate / 2)
    let formats: [AudioFileFormat] = [
      .wav16, .flac(bitsPerSample: 24), .mp3(bitrateKbps: 128), .oggVorbis(quality: 0.5),
      .opus(bitrateKbps: 128),
    ]
    try withFolder { folder in
      for format in formats {
        let path = "\(folder)/a.\(format.fileExtension)"
        try writeAll(short, to: path, format, sampleRate: rate)
        let fileRate = format.fileSampleRate(for: rate)
        let (buffer, _) = try readAll(path)
        let expected = Resampler.outputLength(rate / 2, inputRate: rate, outputRate: fileRate)
        #expect(buffer.frameCount == expected, "\(format) at \(rate) Hz")
      }
    }
  }

  @Test func theSameAudioGivesTheSameBytes() throws {
    let formats: [AudioFileFormat] = [
      .wav16, .wav24, .wavFloat32, .flac(bitsPerSample: 16), .mp3(bitrateKbps: 192),
    ]
    try withFolder { folder in
      for format in formats {
        try writeAll(music, to: "\(folder)/a", format)
        try writeAll(music, to: "\(folder)/b", format)
        #expect(try load("\(folder)/a") == load("\(folder)/b"))
      }
    }
  }

  @Test(arguments: [
    AudioFileFormat.flac(bitsPerSample: 20), .mp3(bitrateKbps: 500), .oggVorbis(quality: 2),
    .oggVorbis(quality: .nan), .opus(bitrateKbps: 5),
  ])
  func impossibleNumbersAreRefused(_ format: AudioFileFormat) throws {
    try withFolder { folder in
      let error = try audioError {
        try AudioWriter(path: "\(folder)/a", format: format, sampleRate: 44_100, channelCount: 2)
      }
      #expect(error.code == .unsupported)
      #expect(try names(in: folder).isEmpty)
    }
  }
}

/// What ffprobe says about one entry of a file.
private func probe(_ path: String, _ entry: String) throws -> String {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: try program("ffprobe"))
  process.arguments = ["-v", "error", "-show_entries", entry, "-of", "csv=p=0", path]
  let output = Pipe()
  process.standardOutput = output
  try process.run()
  let data = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  let text = String(decoding: data, as: UTF8.self)
  return text.trimmingCharacters(in: .whitespacesAndNewlines)
}
