// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

/// Octaves over time.
@Suite struct BandLevelTests {
  private func levels(_ stereo: Stereo, _ rate: Double, block: Int = 1000) -> BandLevels {
    let extractor = BandLevelExtractor(sampleRate: rate)
    _ = stereo.processed(block, extractor.process)
    return extractor.finish()
  }

  @Test(arguments: [8_000.0, 44_100, 48_000, 192_000])
  func aSineIsInItsOctaveWithItsPower(rate: Double) {
    for (band, frequency) in BandLevels.centresHz.enumerated()
    where band > 0 && frequency < 0.45 * rate {
      // A tenth of a second does not tell low octaves apart as well.
      let leakage = frequency < 125 ? 0.06 : 0.01
      let sine = Stereo.sine(frequency, amplitude: 0.5, seconds: 1, sampleRate: rate)
      let levels = levels(sine, rate)
      #expect(levels.frameCount == 10)
      // Both channels have a mean square of 1/8.
      #expect(abs(levels.meanPowers[band] / 0.25 - 1) < leakage + 0.02)
      let rest = levels.meanPowers.enumerated().filter { $0.offset != band }.map(\.element)
      #expect(rest.reduce(0, +) < leakage * levels.meanPowers[band])
    }
  }

  @Test func loudnessIsThatOfTheMeter() {
    let rate = 48_000.0
    let noise = Stereo.noise(Int(5 * rate), seed: 7, amplitude: 0.3)
    let meter = LoudnessMeter(sampleRate: rate)
    _ = noise.processed(480, meter.process)
    let levels = levels(noise, rate)
    #expect(abs(BandLevels.loudness(levels.weightedPowers) - meter.integratedLUFS) < 0.05)
  }

  @Test func theSizeOfBlocksAndWhatIsNotANumberDoNotMatter() {
    var noise = Stereo.noise(50_001, seed: 2, amplitude: 0.1)
    #expect(levels(noise, 44_100, block: 1) == levels(noise, 44_100, block: 44_100))
    noise.left[100] = .nan
    noise.left[200] = .infinity
    #expect(levels(noise, 44_100).powers.allSatisfy { $0.isFinite })
    #expect(levels(Stereo.noise(0, seed: 1, amplitude: 1), 44_100).frameCount == 0)
  }
}
