// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Testing

@Suite struct MemoryTests {
  /// Peak resident memory of this process in kilobytes.
  private static var peakKilobytes: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
  }

  /// Reads, resamples and writes `seconds` of silence from a file with holes.
  private static func convert(seconds: Int, folder: String) throws {
    let byteCount = seconds * 8_000
    let header = waveFile(
      sampleRate: 8_000, bits: 8, data: [], claimedByteCount: UInt32(byteCount))
    try save(header, to: "\(folder)/long.wav")
    #expect(truncate("\(folder)/long.wav", off_t(header.count + byteCount)) == 0)
    let reader = try AudioReader(path: "\(folder)/long.wav")
    let resampler = try Resampler(inputRate: 8_000, outputRate: 11_025, channelCount: 2)
    let writer = try AudioWriter(
      path: "\(folder)/out.flac", format: .flac(bitsPerSample: 16), sampleRate: 11_025,
      channelCount: 2)
    while let block = try reader.read(maximumFrames: 65_536) {
      try writer.write(resampler.process(block))
    }
    try writer.write(resampler.finish())
    try writer.finish()
    #expect(reader.warnings.isEmpty)
  }

  @Test func tenTimesTheLengthNeedsNoMoreMemory() async {
    await #expect(processExitsWith: .success) {
      try withFolder { folder in
        try MemoryTests.convert(seconds: 30, folder: folder)
        let short = MemoryTests.peakKilobytes
        try MemoryTests.convert(seconds: 300, folder: folder)
        #expect(Double(MemoryTests.peakKilobytes) < 1.1 * Double(short))
      }
    }
  }
}
