// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Testing

@testable import Separation

/// Whole tracks through small networks of Demucs, against Demucs itself; see
/// `Tests/Fixtures/make_demucs_fixtures.py`.
@Suite struct DemucsTrackTests {
  private static let networks = [
    "transformer", "transformer-6", "transformer-plain", "hybrid", "hybrid-wide",
  ]

  /// What becomes of a track in a WAV file, at the model's rate. (sources, 2, frames)
  private func separate(
    _ track: AudioBuffer, sampleRate: Int = 44_100, with separator: Separator
  ) async throws -> [Float] {
    let folder = try TemporaryFolder()
    let song = try folder.write(track, name: "song.wav", sampleRate: sampleRate)
    for try await event in separator.separate(song) {
      guard case .finished(let result) = event else { continue }
      return try separator.stems.flatMap { try #require(result.stems[$0]).samples }
    }
    return []
  }

  private func separator(_ name: String) throws -> Separator {
    var options = Separator.Options()
    options.sampleRate = 44_100
    return try Separator(NetworkFixture.demucs(name), options: options)
  }

  private func noise(frames: Int) -> AudioBuffer {
    AudioBuffer(channelCount: 2, frameCount: frames, samples: SCNetTests.noise(frames: frames))
  }

  /// Lengths that do and do not divide into chunks, and one shorter than a segment.
  @Test(arguments: networks)
  func aTrackIsSeparatedAsDemucsDoes(_ name: String) async throws {
    let tracks = try NetworkFixture.checkpoint("demucs-\(name).expected").tensorNames
      .filter { $0.hasPrefix("separated.") }
    #expect(tracks.count == 4)
    for track in tracks {
      let frames = try #require(Int(track.dropFirst("separated.".count)))
      let output = try await separate(noise(frames: frames), with: separator(name))
      let expected = try NetworkFixture.expected(track, of: "demucs-\(name)")
      let error = SCNetTests.errors(output, frames: frames, step: 14, against: expected)
      #expect(error.relative < 1e-4, "\(frames) frames")
    }
  }

  @Test(arguments: networks)
  func aMonoTrackIsSeparatedAsDemucsDoes(_ name: String) async throws {
    let model = try NetworkFixture.demucs(name)
    let frames = 2 * model.segmentFrames
    let mono = AudioBuffer(
      channelCount: 1, frameCount: frames,
      samples: Array(SCNetTests.noise(frames: frames).prefix(frames)))
    let output = try await separate(mono, with: separator(name))
    let expected = try NetworkFixture.expected("mono", of: "demucs-\(name)")
    let error = SCNetTests.errors(output, frames: frames, step: 14, against: expected)
    #expect(error.relative < 1e-4)
  }

  /// The script's `tones`. (2, frames)
  private func tones(frames: Int, sampleRate: Int) -> AudioBuffer {
    let samples = (0..<2).flatMap { channel in
      (0..<frames).map { frame -> Float in
        let tone = [110.0, 523, 1760, 4400, 9000].reduce(0) {
          $0 + sin(2 * .pi * $1 / Double(sampleRate) * Double(frame) + Double(channel))
        }
        let level = sin(.pi / Double(frames) * Double(frame))
        return Float(0.15 * tone * level * level)
      }
    }
    return AudioBuffer(channelCount: 2, frameCount: frames, samples: samples)
  }

  /// Demucs resamples by another filter (julius); tones that both let pass come out alike.
  @Test(arguments: networks)
  func aTrackAtAnotherRateIsSeparatedAsDemucsDoes(_ name: String) async throws {
    let frames = try 2 * NetworkFixture.demucs(name).segmentFrames
    let output = try await separate(
      tones(frames: frames, sampleRate: 48_000), sampleRate: 48_000, with: separator(name))
    let expected = try NetworkFixture.expected("resampled", of: "demucs-\(name)")
    let resampled = Resampler.outputLength(frames, inputRate: 48_000, outputRate: 44_100)
    let error = SCNetTests.errors(output, frames: resampled, step: 14, against: expected)
    #expect(error.relative < 1e-3)
  }

  /// Two networks of which each counts by another weight for every stem.
  @Test func aBagWithWeightsIsSeparatedAsDemucsDoes() async throws {
    var options = Separator.Options()
    options.precision = .float32
    let separator = try Separator(
      model: "demucs-bag", options: options, repository: NetworkFixture.folder)
    let output = try await separate(noise(frames: 20_000), with: separator)
    let expected = try NetworkFixture.expected("separated", of: "demucs-bag")
    let error = SCNetTests.errors(output, frames: 20_000, step: 14, against: expected)
    #expect(error.relative < 1e-4)
  }

  @Test(arguments: ["demucs-transformer", "demucs-hybrid-wide", "demucs-bag"])
  func theSeedDecidesTheShifts(_ name: String) async throws {
    var results: [[Float]] = []
    for seed in [4, 4, 5] as [UInt64] {
      var options = Separator.Options()
      options.shifts = 2
      options.seed = seed
      let separator = try Separator(
        model: ModelName(rawValue: name), options: options, repository: NetworkFixture.folder)
      results.append(try await separate(noise(frames: 20_000), with: separator))
    }
    #expect(results[0] == results[1])
    #expect(results[0] != results[2])
  }
}
