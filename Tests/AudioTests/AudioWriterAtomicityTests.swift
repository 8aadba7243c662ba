// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Testing

@Suite struct AudioWriterAtomicityTests {
  private let music = sines([220], sampleRate: 44_100, frameCount: 44_100)

  private static let formats: [AudioFileFormat] = [
    .wav16, .flac(bitsPerSample: 16), .mp3(bitrateKbps: 320), .oggVorbis(quality: 0.9),
    .opus(bitrateKbps: 256),
  ]

  @Test func theFileAppearsOnlyWhenItIsComplete() throws {
    try withFolder { folder in
      let writer = try AudioWriter(
        path: "\(folder)/a.wav", format: .wav16, sampleRate: 44_100, channelCount: 2)
      try writer.write(music)
      // Without a name, where the file system knows such files.
      for name in try names(in: folder) {
        #expect(name.hasPrefix(".a.wav.\(getpid())-"))
        #expect(name.hasSuffix(".partial"))
      }
      try writer.finish()
      #expect(try names(in: folder) == ["a.wav"])
      #expect(throws: AudioError.self) { try writer.write(music) }
      writer.cancel()
      #expect(try names(in: folder) == ["a.wav"])
    }
  }

  @Test(arguments: formats)
  func cancellingLeavesNothing(_ format: AudioFileFormat) throws {
    try withFolder { folder in
      let writer = try AudioWriter(
        path: "\(folder)/a", format: format, sampleRate: 44_100, channelCount: 2)
      try writer.write(music)
      writer.cancel()
      #expect(try names(in: folder).isEmpty)
      #expect(throws: AudioError.self) { try writer.finish() }
    }
  }

  @Test func aForgottenWriterLeavesNothing() throws {
    try withFolder { folder in
      do {
        let writer = try AudioWriter(
          path: "\(folder)/a.wav", format: .wav24, sampleRate: 44_100, channelCount: 2)
        try writer.write(music)
      }
      #expect(try names(in: folder).isEmpty)
    }
  }

  @Test func anEarlierFileStaysUntilTheNewOneIsComplete() throws {
    try withFolder { folder in
      let path = "\(folder)/a.wav"
      try save([1, 2, 3], to: path)
      let writer = try AudioWriter(
        path: path, format: .wav16, sampleRate: 44_100, channelCount: 2)
      try writer.write(music)
      #expect(try load(path) == [1, 2, 3])
      try writer.finish()
      #expect(try readAll(path).buffer.frameCount == 44_100)
    }
  }

  @Test func aFolderThatIsNotThereOrNotAFolder() throws {
    try withFolder { folder in
      let missing = try audioError { try writeAll(music, to: "\(folder)/no/a.wav", .wav16) }
      #expect(missing.code == .notFound)
      try save([1], to: "\(folder)/file")
      let notAFolder = try audioError { try writeAll(music, to: "\(folder)/file/a.wav", .wav16) }
      #expect(notAFolder.code == .notFound)
      let onAFolder = try audioError { try writeAll(music, to: folder, .wav16) }
      #expect(onAFolder.code == .io)
      #expect(try audioError { try writeAll(music, to: folder + "/", .wav16) }.code == .io)
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
  func aFolderThatMayNotBeWritten() throws {
    try withFolder { folder in
      chmod(folder, 0o500)
      defer { chmod(folder, 0o700) }
      let error = try audioError { try writeAll(music, to: "\(folder)/a.wav", .wav16) }
      #expect(error.code == .permission)
    }
  }

  @Test func aVeryLongNameIsWritten() throws {
    try withFolder { folder in
      let name = String(repeating: "ä", count: 125) + ".wav"
      try writeAll(music, to: "\(folder)/\(name)", .wav16)
      #expect(try names(in: folder) == [name])
    }
  }

  /// A limit on file sizes in a process of its own stands in for a full disk.
  @Test(arguments: [0, 1, 2, 3, 4])
  func aFullDiskIsNoticedAndLeavesNothing(_ index: Int) async {
    await #expect(processExitsWith: .success) { [index] in
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 9_000, rlim_max: 9_000)
      setrlimit(__rlimit_resource_t(1), &limit)  // RLIMIT_FSIZE
      let format = AudioWriterAtomicityTests.formats[index]
      let music = sines([220, 1_000, 5_000], sampleRate: 44_100, frameCount: 44_100)
      try withFolder { folder in
        let error = try audioError { try writeAll(music, to: "\(folder)/a", format) }
        #expect(error.code == .diskFull)
        #expect(error.message.contains("no space"))
        #expect(try names(in: folder).isEmpty)
      }
    }
  }

  /// Everything fits but what closing the file adds, which libsndfile does not report.
  @Test func aDiskThatIsFullOnlyInTheEndIsNoticed() async {
    await #expect(processExitsWith: .success) {
      signal(SIGXFSZ, SIG_IGN)
      let tone = sines([220], sampleRate: 44_100, frameCount: 11_025)
      try withFolder { folder in
        try writeAll(tone, to: "\(folder)/whole", .mp3(bitrateKbps: 320))
        let size = try load("\(folder)/whole").count
        var limit = rlimit(rlim_cur: rlim_t(size - 10), rlim_max: rlim_t(size - 10))
        setrlimit(__rlimit_resource_t(1), &limit)  // RLIMIT_FSIZE
        let error = try audioError {
          try writeAll(tone, to: "\(folder)/a", .mp3(bitrateKbps: 320))
        }
        #expect(error.code == .diskFull)
        #expect(try names(in: folder) == ["whole"])
      }
    }
  }
}
