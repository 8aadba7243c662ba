// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Testing

@Suite struct FFmpegTests {
  /// The references were decoded by ffmpeg, whose versions differ in how they cut the ends.
  @Test(arguments: ["lossy.m4a", "lossy.webm", "lossy.wma", "film.mp4"])
  func otherFormatsAreDecodedByFFmpeg(_ name: String) throws {
    let (buffer, warnings) = try readAll(fixture(name))
    let expected = try reference(name)
    #expect(abs(buffer.frameCount - expected.frameCount) <= 1_024)
    #expect(largestDifference(buffer, expected) < 2e-4)
    #expect(warnings.isEmpty)
  }

  /// FLAC in Ogg, written by ffmpeg from samples that NumPy made.
  @Test func flacInOggIsDecodedExactly() throws {
    let (buffer, warnings) = try readAll(fixture("flac.oga"))
    #expect(try buffer == reference("flac.oga"))
    #expect(warnings.isEmpty)
  }

  @Test func theLengthAndTheCodecAreKnownBeforehand() throws {
    let format = try AudioReader(path: fixture("lossy.m4a")).sourceFormat
    #expect(format.sampleRate == 44_100)
    #expect(format.channelCount == 2)
    #expect(format.codec == "aac")
    #expect(abs(try #require(format.frameCount) - 11_025) <= 1_024)
  }

  @Test(arguments: ["lossy.m4a", "lossy.webm", "lossy.wma", "flac.oga"])
  func withoutFFmpegTheErrorNamesTheRemedy(_ name: String) throws {
    let path = try fixture(name)
    let error = try audioError { try AudioReader(path: path, searchPath: "/nonexistent") }
    #expect(error.code == .ffmpegMissing)
    #expect(error.message.contains("install ffmpeg (apt install ffmpeg)"))
  }

  @Test func commonFormatsNeedNoFFmpeg() throws {
    for name in ["lossy.mp3", "lossy.ogg", "lossy.opus", "flac-16.flac", "wave-s16.wav"] {
      #expect(try readAll(fixture(name), searchPath: "/nonexistent").buffer.frameCount > 0)
    }
  }

  @Test func programsInTheCurrentFolderAreNotRun() throws {
    let path = try fixture("lossy.m4a")
    #expect(
      try audioError { try AudioReader(path: path, searchPath: ".::") }.code == .ffmpegMissing)
  }

  @Test func anMP4WithoutItsTableOfContentsIsNotAudio() throws {
    try withFolder { folder in
      var bytes = try load(fixture("lossy.m4a"))
      bytes.removeLast(bytes.count / 2)
      try save(bytes, to: "\(folder)/half.m4a")
      // The table of contents is at the end of this file: without it nothing can be decoded.
      let error = try audioError { try readAll("\(folder)/half.m4a") }
      #expect(error.code == .notAudio)
      #expect(error.message.contains("moov"))
    }
  }

  @Test func aFailingProgramIsAnErrorNotAHang() throws {
    try withFolder { folder in
      for name in ["ffmpeg", "ffprobe"] {
        try saveScript("#!/bin/sh\necho 'out of order' >&2\nexit 3\n", to: "\(folder)/\(name)")
      }
      let path = try fixture("lossy.m4a")
      let error = try audioError { try AudioReader(path: path, searchPath: folder) }
      #expect(error.message.contains("out of order"))
    }
  }

  /// `ffprobe` is real, `ffmpeg` floods standard error and dies after some samples.
  @Test func aDecoderThatDiesGivesWhatItDecodedAndAWarning() throws {
    try withFolder { folder in
      let script = """
        #!/bin/sh
        head -c 8000 /dev/zero
        i=0; while [ $i -lt 3000 ]; do echo "noise noise noise noise noise $i" >&2; i=$((i+1)); done
        echo 'the disk melted' >&2
        kill -9 $$
        """
      try saveScript(script, to: "\(folder)/ffmpeg")
      symlink(try program("ffprobe"), "\(folder)/ffprobe")
      let (buffer, warnings) = try readAll(fixture("lossy.m4a"), searchPath: folder)
      #expect(buffer.frameCount == 1_000)
      #expect(warnings.map(\.kind) == [.truncated])
      #expect(warnings.first?.message.contains("the disk melted") == true)
    }
  }

  @Test func noChildIsLeftBehind() async {
    await #expect(processExitsWith: .success) {
      do {
        let reader = try AudioReader(path: fixture("lossy.m4a"))
        _ = try reader.read(maximumFrames: 10)
      }
      _ = try readAll(fixture("lossy.webm"))
      _ = try? AudioReader(path: fixture("lossy.m4a"), searchPath: "/nonexistent")
      errno = 0
      #expect(waitpid(-1, nil, WNOHANG) == -1)
      #expect(errno == ECHILD)
    }
  }

  @Test func cancellingTheTaskStopsWaitingForTheDecoder() async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/tonmeister-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try saveScript("#!/bin/sh\nexec sleep 1000\n", to: "\(folder)/ffmpeg")
    symlink(try program("ffprobe"), "\(folder)/ffprobe")
    let path = try fixture("lossy.m4a")
    let task = Task.detached { try AudioReader(path: path, searchPath: folder).warnings }
    try await Task.sleep(for: .milliseconds(300))
    task.cancel()
    do {
      _ = try await task.value
      Issue.record("reading should have been cancelled")
    } catch let error as AudioError {
      #expect(error.code == .cancelled)
    }
  }
}

/// Writes an executable script.
///
/// In a process of its own: were the file open for writing here, a child that another test starts
/// at that moment would hold it open, and running it would fail with "text file busy".
private func saveScript(_ text: String, to path: String) throws {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/bin/sh")
  process.arguments = ["-c", "printf %s \"$1\" > \"$2\" && chmod 755 \"$2\"", "sh", text, path]
  try process.run()
  process.waitUntilExit()
  #expect(process.terminationStatus == 0)
}
