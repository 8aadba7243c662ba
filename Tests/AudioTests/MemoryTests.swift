// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Testing

/// Each test measures in a process of its own.
///
/// `Benchmarks/memory.py` compares three hours with three minutes of audio through the whole command.
@Suite struct MemoryTests {
  private static let rate = 8_000

  /// Peak resident memory of this process in kilobytes.
  ///
  /// `getrusage` would count what the parent held when it started this process.
  private static func peakKilobytes() throws -> Double {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    let kilobytes = Double(String(line.filter(\.isNumber)))
    return try #require(kilobytes)
  }

  /// Reads a file, resamples it and writes it.
  private static func convert(_ source: String, to path: String, _ format: AudioFileFormat) throws {
    let reader = try AudioReader(path: source)
    let resampler = try Resampler(inputRate: rate, outputRate: 11_025, channelCount: 2)
    let writer = try AudioWriter(path: path, format: format, sampleRate: 11_025, channelCount: 2)
    while let block = try reader.read(maximumFrames: 65_536) {
      try writer.write(resampler.process(block))
    }
    try writer.write(resampler.finish())
    try writer.finish()
    #expect(reader.warnings.isEmpty)
  }

  /// WAV to FLAC: silence from a file with holes.
  private static func convertWave(seconds: Int, folder: String) throws {
    let byteCount = seconds * rate
    let header = waveFile(
      sampleRate: UInt32(rate), bits: 8, data: [], claimedByteCount: UInt32(byteCount))
    try save(header, to: "\(folder)/long.wav")
    #expect(truncate("\(folder)/long.wav", off_t(header.count + byteCount)) == 0)
    try convert("\(folder)/long.wav", to: "\(folder)/out.flac", .flac(bitsPerSample: 16))
  }

  /// FLAC to WAV: noise, a second of it again and again.
  private static func convertFLAC(seconds: Int, folder: String) throws {
    var generator = Generator(state: 1)
    let second = AudioBuffer(
      channelCount: 1, frameCount: rate,
      samples: (0..<rate).map { _ in Float.random(in: -0.5...0.5, using: &generator) })
    let writer = try AudioWriter(
      path: "\(folder)/long.flac", format: .flac(bitsPerSample: 16), sampleRate: rate,
      channelCount: 1)
    for _ in 0..<seconds { try writer.write(second) }
    try writer.finish()
    try convert("\(folder)/long.flac", to: "\(folder)/out.wav", .wav16)
  }

  /// Runs `work` with 3 and with 30 minutes of audio.
  private static func compare(_ work: (_ seconds: Int, _ folder: String) throws -> Void) throws {
    try withFolder { folder in
      try work(180, folder)
      let short = try peakKilobytes()
      try work(1_800, folder)
      #expect(try peakKilobytes() < 1.1 * short)
    }
  }

  @Test func halfAnHourOfWAVNeedsNoMoreMemoryThanThreeMinutes() async {
    await #expect(processExitsWith: .success) {
      try MemoryTests.compare(MemoryTests.convertWave)
    }
  }

  @Test func halfAnHourOfFLACNeedsNoMoreMemoryThanThreeMinutes() async {
    await #expect(processExitsWith: .success) {
      try MemoryTests.compare(MemoryTests.convertFLAC)
    }
  }
}
