// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Audio

/// The time of day in a float WAV's chunk of peaks would make every file another one.
@Suite struct PeakChunkTests {
  private func bytes(_ value: UInt32) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  /// A float WAV laid out as libsndfile lays it out: "PEAK" holds a version, the time, and for each
  /// channel the peak and its frame.
  private func wave(channelCount: Int, time: UInt32) -> [UInt8] {
    let peaks = (0..<channelCount).flatMap {
      bytes((Float($0) + 0.5).bitPattern) + bytes(UInt32(100 + $0))
    }
    let peak = bytes(1) + bytes(time) + peaks
    let whole = waveFile(
      floats: [Float](repeating: 0.5, count: 3 * channelCount), channelCount: UInt16(channelCount))
    let data = 36  // behind "RIFF", "WAVE" and "fmt "
    let size = whole.count - 8 + 8 + peak.count
    return Array(whole[0..<4]) + bytes(UInt32(size)) + whole[8..<data]
      + Array("PEAK".utf8) + bytes(UInt32(peak.count)) + peak + whole[data...]
  }

  @Test(arguments: [1, 2, 3, 8])
  func onlyTheTimeIsCleared(channelCount: Int) throws {
    try withFolder { folder in
      let destination = try DestinationFile(path: "\(folder)/a.wav")
      destination.file.overwriteStart(with: wave(channelCount: channelCount, time: 1_763_700_000))
      destination.clearTimeOfPeak()
      try destination.commit()
      #expect(try load("\(folder)/a.wav") == wave(channelCount: channelCount, time: 0))
    }
  }

  /// Whatever this libsndfile writes: the bytes are those of a second later.
  @Test(arguments: [2, 3])
  func aFileDoesNotDependOnTheTimeOfDay(channelCount: Int) throws {
    let samples = (0..<channelCount * 500).map { Float($0 % 37) / 10 - 1.5 }
    let buffer = AudioBuffer(channelCount: channelCount, frameCount: 500, samples: samples)
    try withFolder { folder in
      try writeAll(buffer, to: "\(folder)/a.wav", .wavFloat32)
      Thread.sleep(forTimeInterval: 1.1)
      try writeAll(buffer, to: "\(folder)/b.wav", .wavFloat32)
      #expect(try load("\(folder)/a.wav") == load("\(folder)/b.wav"))
    }
  }
}
