// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Testing

@testable import Separation

/// Real networks give the same bits whatever the number of workers.
@Suite struct DeterminismTests {
  /// The stems of noise at the model's own rate, as one array, for each number of workers.
  private func separate(
    _ model: ModelName, repository: URL?, frameCount: Int, shifts: Int
  ) async throws -> [[Float]] {
    let mixture = noise(channelCount: 2, frameCount: frameCount, seed: 7)
    var results: [[Float]] = []
    for jobs in [1, 2, 3, 4] {
      var options = Separator.Options()
      options.jobs = jobs
      options.shifts = shifts
      let separator = try Separator(model: model, options: options, repository: repository)
      let stems = try await separator.separate(mixture, sampleRate: 44_100)
      results.append(try separator.stems.flatMap { try #require(stems[$0]).samples })
    }
    return results
  }

  /// 5,000 frames are less than a segment and 9,000 are one; such a track gets all cores.
  @Test(
    arguments: ["scnet-published", "scnet-mask", "demucs-transformer", "demucs-hybrid"],
    [5000, 9000, 40_000, 130_000])
  func aTinyNetwork(_ name: String, frameCount: Int) async throws {
    for shifts in [0, 2] {
      let results = try await separate(
        ModelName(rawValue: name), repository: NetworkFixture.folder, frameCount: frameCount,
        shifts: shifts)
      #expect(results[0].contains { $0 != 0 })
      #expect(results.allSatisfy { $0 == results[0] })
    }
  }

  @Test(
    .disabled(if: SCNetTests.isDebug, "slow without optimisation"), arguments: [70_000, 400_000])
  func theShippedNetwork(frameCount: Int) async throws {
    let results = try await separate(
      .lite, repository: nil, frameCount: frameCount, shifts: 0)
    #expect(results[0].contains { $0 != 0 })
    #expect(results.allSatisfy { $0 == results[0] })
  }
}
