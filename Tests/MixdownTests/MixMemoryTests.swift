// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore
import Testing

@testable import Mixdown

/// Measured in a process of its own.
@Suite struct MixMemoryTests {
  private static func peakKilobytes() throws -> Double {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    return try #require(Double(String(line.filter(\.isNumber))))
  }

  private static func mix(seconds: Int, place: Place) async throws {
    let second = music(8_000, seed: 1, rate: 8_000)
    for name in ["a", "b"] {
      let writer = try AudioWriter(
        path: place.path("\(name).flac"), format: .flac(bitsPerSample: 16), sampleRate: 8_000,
        channelCount: 2)
      for _ in 0..<seconds { try writer.write(second) }
      try writer.finish()
    }
    let mixer = try Mixer(
      plan: MixerTests.plan(["a", "b"]), stemPaths: ["a", "b"].map { place.path("\($0).flac") })
    _ = try await mixer.result(MixFiles(mix: place.path("mix.wav")))
  }

  @Test func halfAnHourNeedsNoMoreMemoryThanThreeMinutes() async {
    await #expect(processExitsWith: .success) {
      let place = try Place()
      try await MixMemoryTests.mix(seconds: 180, place: place)
      let short = try MixMemoryTests.peakKilobytes()
      try await MixMemoryTests.mix(seconds: 1_800, place: place)
      #expect(try MixMemoryTests.peakKilobytes() < 1.1 * short)
    }
  }
}
