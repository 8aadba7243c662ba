// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Testing

@Suite struct AudioReaderTests {
  @Test(arguments: [
    "wave-u8.wav", "wave-s16.wav", "wave-s24.wav", "wave-s32.wav", "wave-f32.wav",
    "wave-f64.wav", "wave-extensible.wav", "wave-rf64.wav", "mono.wav", "aiff-16.aiff",
    "aiff-24.aiff", "flac-16.flac", "flac-24.flac",
  ])
  func losslessFilesDecodeExactly(_ name: String) throws {
    let (buffer, warnings) = try readAll(fixture(name))
    #expect(try buffer == reference(name))
    #expect(warnings.isEmpty)
  }

  /// The references are ffmpeg's; it does not cut the padding at the end of every format.
  @Test(arguments: [("lossy.mp3", 11_025), ("lossy.ogg", 11_025), ("lossy.opus", 12_000)])
  func lossyFilesDecodeLikeFFmpeg(_ name: String, _ frameCount: Int) throws {
    let (buffer, warnings) = try readAll(fixture(name))
    #expect(buffer.frameCount == frameCount)
    #expect(try largestDifference(buffer, reference(name)) < 2e-4)
    #expect(warnings.isEmpty)
  }

  @Test func theSourceFormatIsTheFiles() throws {
    let mono = try AudioReader(path: fixture("mono.wav")).sourceFormat
    #expect(mono.sampleRate == 44_100)
    #expect(mono.channelCount == 1)
    #expect(mono.frameCount == 441)
    #expect(mono.codec.contains("WAV"))
    let opus = try AudioReader(path: fixture("lossy.opus")).sourceFormat
    #expect(opus.sampleRate == 48_000)
    #expect(opus.channelCount == 2)
  }

  @Test(arguments: [1, 7, 4_095, 4_096, 4_097, 1_000_000])
  func theBlockSizeDoesNotMatter(_ blockSize: Int) throws {
    let path = try fixture("long.flac")
    let whole = try readAll(path, blockSize: 44_100).buffer
    #expect(whole.frameCount == 13_230)
    #expect(try readAll(path, blockSize: blockSize).buffer == whole)
  }

  @Test func everyBlockButTheLastIsFull() throws {
    let reader = try AudioReader(path: fixture("long.flac"))
    #expect(try reader.read(maximumFrames: 5_000)?.frameCount == 5_000)
    #expect(try reader.read(maximumFrames: 5_000)?.frameCount == 5_000)
    #expect(try reader.read(maximumFrames: 5_000)?.frameCount == 3_230)
    #expect(try reader.read(maximumFrames: 5_000) == nil)
    #expect(try reader.read(maximumFrames: 5_000) == nil)
  }

  /// A guess of the length from the first frames' bit rate would end this file early or late.
  @Test func anMP3WithoutALengthIsDecodedToItsEnd() throws {
    let (buffer, warnings) = try readAll(fixture("no-length.mp3"))
    let text = try String(contentsOfFile: fixture("no-length.mp3.frames"), encoding: .utf8)
    let expected = try #require(Int(text))
    #expect(abs(buffer.frameCount - expected) <= 1_152)
    #expect(warnings.isEmpty)
  }

  /// References: NumPy, from the coefficients of ITU-R BS.775-3.
  @Test(arguments: [
    "surround-3.wav", "surround-4.wav", "surround-4-mask.wav", "surround-5.wav",
    "surround-6.wav", "surround-6-mask.wav", "surround-7.wav", "surround-7-mask.wav",
    "surround-8.wav", "surround-8-mask.wav",
  ])
  func surroundIsDownmixedByBS775(_ name: String) throws {
    let (buffer, _) = try readAll(fixture(name))
    let expected = try reference(name)
    #expect(buffer.frameCount == expected.frameCount)
    #expect(largestDifference(buffer, expected) < 1e-6)
  }

  // Vorbis and Opus keep 5.1 in an order of their own. The references are a quarter of the sum.
  @Test(arguments: ["surround.flac", "surround.ogg", "surround.opus", "surround.m4a"])
  func surroundOfEveryCodecIsDownmixedByBS775(_ name: String) throws {
    var (buffer, _) = try readAll(fixture(name))
    buffer.samples = buffer.samples.map { $0 / 4 }
    let expected = try reference(name)
    #expect(abs(buffer.frameCount - expected.frameCount) <= 1_024)
    #expect(largestDifference(buffer, expected) < 2e-4)
  }

  @Test(arguments: [8_000, 11_025, 22_050, 96_000, 192_000])
  func ratesFrom8To192KilohertzAreRead(_ rate: UInt32) throws {
    try withFolder { folder in
      let path = "\(folder)/a.wav"
      try save(waveFile(sampleRate: rate, data: [0, 64, 0, 64]), to: path)
      let reader = try AudioReader(path: path)
      #expect(reader.sourceFormat.sampleRate == Int(rate))
      #expect(try reader.read(maximumFrames: 9)?.samples == [0.5, 0.5, 0.5, 0.5])
    }
  }

  @Test func oneSampleIsEnough() throws {
    try withFolder { folder in
      let path = "\(folder)/one.wav"
      try save(waveFile(data: [0, 0x80]), to: path)
      let (buffer, warnings) = try readAll(path)
      #expect(buffer.samples == [-1, -1])
      #expect(warnings.isEmpty)
    }
  }

  @Test func theNameDoesNotDecideTheFormat() throws {
    try withFolder { folder in
      let path = "\(folder)/really a flac.au"
      try FileManager.default.copyItem(atPath: fixture("flac-16.flac"), toPath: path)
      #expect(try readAll(path).buffer == reference("flac-16.flac"))
    }
  }

  @Test func namesLikeAddressesAreLocalFiles() throws {
    #expect(try audioError { try AudioReader(path: "http://127.0.0.1/a.mp3") }.code == .notFound)
    #expect(try audioError { try AudioReader(path: "concat:a.mp3|b.mp3") }.code == .notFound)
    try withFolder { folder in
      let path = "\(folder)/pipe:0 %d -i.m4a"
      try FileManager.default.copyItem(atPath: fixture("lossy.m4a"), toPath: path)
      #expect(try readAll(path).buffer == readAll(fixture("lossy.m4a")).buffer)
    }
  }
}
