// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Testing

@Suite struct AudioReaderBadInputTests {
  /// The error of reading a file with these bytes.
  private func error(_ bytes: [UInt8], name: String = "bad.wav") throws -> AudioError {
    try withFolder { folder in
      try save(bytes, to: "\(folder)/\(name)")
      let error = try audioError { try readAll("\(folder)/\(name)") }
      #expect(error.path == "\(folder)/\(name)")
      #expect(error.description.hasPrefix("\(folder)/\(name): "))
      #expect(!error.description.contains("\n"))
      return error
    }
  }

  @Test func aMissingFile() throws {
    let error = try audioError { try AudioReader(path: "/nowhere/song.wav") }
    #expect(error.code == .notFound)
    #expect(error.message.contains("no such file"))
  }

  @Test func anEmptyFile() throws {
    let error = try error([])
    #expect(error.code == .empty)
    #expect(error.message.contains("is empty"))
  }

  @Test func aFolder() throws {
    try withFolder { folder in
      let error = try audioError { try AudioReader(path: folder) }
      #expect(error.code == .io)
      #expect(error.message.contains("is a folder"))
    }
  }

  @Test func aNamedPipeAndADevice() throws {
    try withFolder { folder in
      #expect(mkfifo("\(folder)/pipe.wav", 0o600) == 0)
      let error = try audioError { try AudioReader(path: "\(folder)/pipe.wav") }
      #expect(error.message.contains("not an ordinary file"))
    }
    #expect(try audioError { try AudioReader(path: "/dev/zero") }.code == .io)
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func anUnreadableFile() throws {
    try withFolder { folder in
      try save(waveFile(data: [0, 0]), to: "\(folder)/a.wav")
      chmod("\(folder)/a.wav", 0)
      #expect(try audioError { try AudioReader(path: "\(folder)/a.wav") }.code == .permission)
    }
  }

  @Test(arguments: ["bad.wav", "bad.mp3", "bad.m4a", "bad.ogg"])
  func aTextFile(_ name: String) throws {
    let error = try error(Array("Dear diary,\nno music today.\n".utf8), name: name)
    #expect(error.code == .notAudio)
    #expect(error.message.contains("is not audio"))
  }

  @Test func aTextFileInUTF16() throws {
    let text: [UInt8] = [0xFF, 0xFE] + "la la la".utf8.flatMap { [$0, 0] as [UInt8] }
    #expect(try error(text).code == .notAudio)
  }

  @Test func randomBytes() throws {
    var generator = Generator(state: 4)
    for length in [1, 2, 3, 11, 12, 100, 5_000] {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let code = try error(bytes).code
      #expect([.notAudio, .unsupported, .malformed].contains(code))
    }
  }

  @Test(arguments: ["RIFF", "RIFFxxxxWAVE", "fLaC", "OggS", "ID3", "FORMxxxxAIFF", "caff", ".snd"])
  func onlyAMagicNumber(_ magic: String) throws {
    let code = try error(Array(magic.utf8)).code
    #expect([.notAudio, .malformed, .unsupported, .empty].contains(code))
  }

  @Test func playlistsAreRefused() throws {
    try withFolder { folder in
      let song = "\(folder)/song.wav"
      try save(waveFile(data: [0, 64]), to: song)
      let playlists = [
        "#EXTM3U\n#EXTINF:1,\n\(song)\n", "ffconcat version 1.0\nfile \(song)\n",
        ";FFMETADATA1\ntitle=a\n", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=audio 9 RTP/AVP 0\n",
        "<?xml version=\"1.0\"?><MPD></MPD>",
      ]
      for playlist in playlists {
        for name in ["list.wav", "list.m3u8", "list.m4a"] {
          try save(Array(playlist.utf8), to: "\(folder)/\(name)")
          let error = try audioError { try AudioReader(path: "\(folder)/\(name)") }
          #expect(error.code == .notAudio)
        }
        // With bytes that are not text, so that ffmpeg gets to see it.
        try save(Array(playlist.utf8) + [0, 1, 2], to: "\(folder)/list.wav")
        #expect(try audioError { try AudioReader(path: "\(folder)/list.wav") }.code == .notAudio)
      }
    }
  }

  @Test func aHeaderOf0Hertz() throws {
    let error = try error(waveFile(sampleRate: 0, data: [0, 0, 0, 0]))
    #expect(error.code == .malformed)
    #expect(error.message.contains("0 Hz"))
  }

  @Test(arguments: [1, 7_999, 192_001, 4_000_000_000])
  func aRateOutOfRange(_ rate: UInt32) throws {
    let error = try error(waveFile(sampleRate: rate, data: [0, 0, 0, 0]))
    #expect(error.code == .unsupported)
    #expect(error.message.contains("\(rate) Hz"))
  }

  @Test(arguments: [9, 300, 65_535])
  func tooManyChannels(_ count: UInt16) throws {
    let error = try error(waveFile(channelCount: count, data: [0, 0, 0, 0]))
    #expect(error.code == .unsupported)
    #expect(error.message.contains("\(count) channels"))
  }

  @Test func aHeaderOf0Channels() throws {
    #expect(try error(waveFile(channelCount: 0, data: [0, 0, 0, 0])).code == .malformed)
  }

  @Test func noFrames() throws {
    #expect(try error(waveFile(data: [])).code == .empty)
  }

  @Test func aHeaderWrittenIntoAPipeIsNoReasonToWarn() throws {
    try withFolder { folder in
      let path = "\(folder)/streamed.wav"
      let data = [UInt8](repeating: 64, count: 1_000)
      var bytes = waveFile(data: data, claimedByteCount: 0xFFFF_FFFF)
      bytes.replaceSubrange(4..<8, with: [0xFF, 0xFF, 0xFF, 0xFF])
      try save(bytes, to: path)
      let (buffer, warnings) = try readAll(path)
      #expect(buffer.frameCount == 500)
      #expect(warnings.isEmpty)
    }
  }

  /// An Ogg file whose last page claims an enormous position under a right checksum.
  @Test(arguments: [UInt64(1) << 47, 1 << 60, .max >> 1])
  func anOggPageThatClaimsAges(_ position: UInt64) throws {
    try withFolder { folder in
      var bytes = try load(fixture("lossy.ogg"))
      let page = try #require(
        bytes.indices.dropLast(27).last { Array(bytes[$0..<$0 + 4]) == Array("OggS".utf8) })
      for index in 0..<8 { bytes[page + 6 + index] = UInt8(position >> (8 * index) & 0xFF) }
      bytes.replaceSubrange(page + 22..<page + 26, with: [0, 0, 0, 0])
      // RFC 3533: polynomial 0x04C11DB7, nothing reflected, initial value and final XOR 0.
      var checksum: UInt32 = 0
      for byte in bytes[page...] {
        checksum ^= UInt32(byte) << 24
        for _ in 0..<8 {
          checksum = checksum & 0x8000_0000 != 0 ? checksum << 1 ^ 0x04C1_1DB7 : checksum << 1
        }
      }
      for index in 0..<4 { bytes[page + 22 + index] = UInt8(checksum >> (8 * index) & 0xFF) }
      let path = "\(folder)/ages.ogg"
      try save(bytes, to: path)
      let reader = try AudioReader(path: path)
      #expect(reader.sourceFormat.frameCount.map { $0 <= 1 << 40 } ?? true)
      #expect(try readAll(path).buffer.frameCount > 0)
    }
  }

  @Test(arguments: [UInt32(4_000_000_000), 0xFFFF_FFFF, 0x7FFF_FFFF, 1_002])
  func aHeaderThatPromisesTooMuch(_ claimed: UInt32) throws {
    try withFolder { folder in
      let path = "\(folder)/liar.wav"
      let data = [UInt8](repeating: 64, count: 1_000)
      try save(waveFile(data: data, claimedByteCount: claimed), to: path)
      let (buffer, warnings) = try readAll(path)
      #expect(
        buffer
          == AudioBuffer(
            channelCount: 2, frameCount: 500,
            samples: [Float](repeating: Float(0x4040) / 32_768, count: 1_000)))
      #expect(warnings.map(\.kind) == [.truncated])
    }
  }

  @Test(arguments: [
    "long.flac", "lossy.mp3", "lossy.ogg", "lossy.opus", "wave-s16.wav", "aiff-16.aiff",
    "wave-rf64.wav", "lossy.wma", "lossy.webm",
  ])
  func aTruncatedFileGivesWhatIsThere(_ name: String) throws {
    try withFolder { folder in
      let whole = try readAll(fixture(name)).buffer
      let bytes = try load(fixture(name))
      // The only page of audio in the Ogg files must stay whole.
      let share = name.hasSuffix("ogg") || name.hasSuffix("opus") ? 0.97 : 0.6
      let path = "\(folder)/\(name)"
      try save(Array(bytes[..<Int(Double(bytes.count) * share)]), to: path)
      do {
        let (buffer, warnings) = try readAll(path)
        #expect(buffer.frameCount < whole.frameCount)
        #expect(buffer.frameCount > 0)
        #expect(warnings.map(\.kind) == [.truncated])
        #expect(warnings.first?.path == path)
      } catch let error as AudioError {
        // An Ogg page that is not whole cannot be used at all.
        #expect(name.hasSuffix("ogg") || name.hasSuffix("opus"))
        #expect(error.code == .empty || error.code == .malformed)
      }
    }
  }

  /// Damage must lead to an error or to audio, never to a crash or a hang.
  @Test(arguments: [
    "long.flac", "lossy.mp3", "lossy.ogg", "lossy.opus", "wave-s16.wav", "aiff-16.aiff",
    "wave-rf64.wav", "wave-extensible.wav",
  ])
  func damagedFilesDoNotCrash(_ name: String) throws {
    var generator = Generator(state: 9)
    let bytes = try load(fixture(name))
    try withFolder { folder in
      for round in 0..<60 {
        var damaged = bytes
        for _ in 0..<8 {
          // Mostly the header, as that is where lies do harm.
          let end = round % 3 == 0 ? damaged.count : min(damaged.count, 100)
          damaged[Int.random(in: 0..<end, using: &generator)] =
            UInt8.random(in: 0...255, using: &generator)
        }
        try save(damaged, to: "\(folder)/a.bin")
        let reader = try? AudioReader(path: "\(folder)/a.bin", searchPath: "/nonexistent")
        var frames = 0
        while let part = try reader?.read(maximumFrames: 65_536), frames < 1 << 22 {
          frames += part.frameCount
          let isFinite = part.samples.allSatisfy { $0.isFinite }
          #expect(isFinite)
        }
      }
    }
  }

  @Test func samplesThatAreNoNumbersBecomeSilence() throws {
    try withFolder { folder in
      let path = "\(folder)/nan.wav"
      let floats: [Float] = [
        0.5, .nan, -.infinity, 0.25, .infinity, -0.5, 3e38, 1.5, -.signalingNaN, 0,
      ]
      try save(waveFile(floats: floats, channelCount: 2), to: path)
      let (buffer, warnings) = try readAll(path)
      #expect(buffer.samples == [0.5, 0, 0, 0, 0, 0, 0.25, -0.5, 1.5, 0])
      #expect(warnings.map(\.kind) == [.nonFiniteSamples(count: 5)])
      #expect(warnings.first?.message.contains("5 samples") == true)
    }
  }
}

/// A small generator that gives the same numbers everywhere (SplitMix64).
struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
