// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

@Suite struct LatencyTests {
  static let rate = OnsetEnvelope.sampleRate
  static let seconds = 24.0
  static let latencies = [
    -1.97, -1.2, -0.333, -0.05, -0.007, 0, 0.0123, 0.08, 0.25, 0.741, 1.5, 1.99,
  ]

  func estimate(_ take: [Float], _ backing: [Float]) -> LatencyEstimate? {
    LatencyEstimate(take: take.onsetEnvelope, backing: backing.onsetEnvelope)
  }

  func expect(
    _ take: [Float], _ backing: [Float], _ latency: Double, isTrusted: Bool = true,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let found = try #require(
      estimate(Signals.delayed(take, by: latency, rate: Self.rate), backing),
      sourceLocation: location)
    #expect(
      abs(found.seconds - latency) < 0.005, "\(found) for \(latency)", sourceLocation: location)
    #expect(
      !isTrusted || found.confidence >= LatencyEstimate.trustedConfidence,
      "\(found) for \(latency)", sourceLocation: location)
  }

  @Test func bleedTellsTheLatencyToFiveMilliseconds() throws {
    let backing = Signals.backing(rate: Self.rate, seconds: Self.seconds)
    let voice = Signals.voice(
      rate: Self.rate, seconds: Self.seconds,
      onsets: Signals.onsets(seconds: Self.seconds, seed: 99).map { ($0.time + 0.11, $0.note) })
    for (index, latency) in Self.latencies.enumerated() {
      // 20 to 40 dB under the backing, in noise; what is softer is found, but not always trusted.
      let level = [20.0, 30, 40][index % 3]
      let gain = Float(pow(10, -level / 20))
      let take = Signals.sum(
        voice, backing.map { gain * $0 },
        Signals.noise(count: backing.count, level: 3e-4, seed: UInt64(index)))
      try expect(take, backing, latency, isTrusted: level < 25)
    }
  }

  @Test func singingOnTheBeatTellsTheLatencyToFiveMilliseconds() throws {
    let backing = Signals.backing(rate: Self.rate, seconds: Self.seconds)
    let voice = Signals.voice(
      rate: Self.rate, seconds: Self.seconds,
      onsets: Signals.onsets(seconds: Self.seconds, seed: 7))
    for (index, latency) in Self.latencies.enumerated() {
      let take = Signals.sum(
        voice, Signals.noise(count: voice.count, level: 1e-3, seed: UInt64(index)))
      try expect(take, backing, latency, isTrusted: false)
    }
  }

  @Test func clicksTellTheLatencyToFiveMilliseconds() throws {
    func clicks(_ seed: UInt64) -> [Float] {
      var samples = [Float](repeating: 0, count: Int(Self.seconds * Double(Self.rate)))
      for onset in Signals.onsets(seconds: Self.seconds, seed: 7) {
        for i in 0..<200 {
          samples[Int(onset.time * Double(Self.rate)) + i] =
            Float(exp(-Double(i) / 40) * Signals.noise(i, seed: seed))
        }
      }
      return samples
    }
    for latency in Self.latencies {
      let take = Signals.sum(clicks(1), Signals.noise(count: clicks(1).count, level: 1e-3, seed: 5))
      try expect(take, clicks(2), latency)
    }
  }

  @Test(arguments: [(1, 31), (2, 47), (3, 60), (4, 71), (5, 82)])
  func whatHasNothingToDoWithTheBackingIsNotTrusted(_ seed: Int, _ other: Int) throws {
    let backing = Signals.backing(rate: Self.rate, seconds: Self.seconds)
    // Off the beat by steps of their own.
    let onsets = Signals.onsets(seconds: Self.seconds, seed: UInt64(other)).enumerated().map {
      ($1.time * 1.0731 + 0.1 * Signals.noise($0, seed: UInt64(seed)) + 0.2, $1.note)
    }
    let voice = Signals.voice(rate: Self.rate, seconds: Self.seconds, onsets: onsets)
    let take = Signals.sum(
      voice, Signals.noise(count: voice.count, level: 1e-3, seed: UInt64(seed)))
    let found = try #require(estimate(take, backing))
    #expect(found.confidence < LatencyEstimate.trustedConfidence, "\(found)")
    let noise = Signals.noise(count: voice.count, level: 0.1, seed: UInt64(other))
    #expect((estimate(noise, backing)?.confidence ?? 0) < LatencyEstimate.trustedConfidence)
  }

  @Test func silenceHasNoLatency() {
    let silence = [Float](repeating: 0, count: 100_000)
    let backing = Signals.backing(rate: Self.rate, seconds: 4)
    #expect(estimate(silence, backing) == nil)
    #expect(estimate(backing, silence) == nil)
    #expect(estimate([], []) == nil)
  }

  @Test func theSizeOfBlocksDoesNotMatter() {
    let samples = Signals.backing(rate: Self.rate, seconds: 2)
    let extractor = OnsetEnvelopeExtractor()
    var start = 0
    while start < samples.count {
      let end = min(samples.count, start + 777)
      Array(samples[start..<end]).withUnsafeBufferPointer(extractor.process)
      start = end
    }
    #expect(extractor.finish().rises == samples.onsetEnvelope.rises)
  }
}
