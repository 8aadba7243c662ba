// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

/// Filters against formulas and SciPy.
@Suite struct FilterTests {
  struct Case: Codable {
    let type: String
    let frequency: Double
    let gain: Double
    let q: Double
    let rate: Double
    let points: [Double]
    let magnitude: [Double]
    let output: [Double]

    var sections: [BiquadCoefficients] {
      switch type {
      case "highPass12", "highPass24":
        PassFilter(
          frequencyHz: frequency, slope: type.hasSuffix("12") ? .decibels12 : .decibels24
        ).highPassSections(sampleRate: rate)
      case "lowPass12", "lowPass24":
        PassFilter(
          frequencyHz: frequency, slope: type.hasSuffix("12") ? .decibels12 : .decibels24
        ).lowPassSections(sampleRate: rate)
      default:
        EqualizerBand.Shape.all.filter { $0.json == .string(type) }.map {
          EqualizerBand($0, frequencyHz: frequency, gainDB: gain, q: q)
            .coefficients(sampleRate: rate)
        }
      }
    }
  }

  func cases() throws -> [Case] {
    let url = try #require(
      Bundle.module.url(forResource: "filters", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode([Case].self, from: Data(contentsOf: url))
  }

  @Test func responsesAndASweepAreThoseOfSciPy() throws {
    let cases = try cases()
    #expect(cases.count == 65)
    for item in cases {
      let sections = item.sections
      try #require(!sections.isEmpty)
      for (frequency, expected) in zip(item.points, item.magnitude) {
        let magnitude = sections.reduce(1) {
          $0 * $1.magnitude(frequency: frequency, sampleRate: item.rate)
        }
        #expect(
          abs(magnitude - expected) < 1e-6 * max(1, expected),
          "\(item.type) \(item.frequency) at \(item.rate): \(frequency) Hz")
      }
      let cascade = FilterCascade(capacity: sections.count, sampleRate: item.rate)
      cascade.set(sections)
      cascade.finishMoving()
      let sweep = Stereo(count: 4096) { 0.5 * sin(.pi * Double($0 * $0) / 8192) }
      let output = sweep.processed(100, cascade.process)
      let samples = stride(from: 0, to: 4096, by: 64).map { output.left[$0] }
      let error = largestDifference(samples, item.output.map(Float.init))
      #expect(error < 2e-6, "\(item.type) \(item.frequency) at \(item.rate)")
      #expect(output.left == output.right)
    }
  }

  @Test(arguments: sampleRates)
  func gainsAtTheCentreAtDirectCurrentAndAtNyquistAreExact(_ rate: Double) {
    func db(_ c: BiquadCoefficients, _ f: Double) -> Double {
      20 * log10(max(c.magnitude(frequency: f, sampleRate: rate), 1e-12))
    }
    for gain in [-24.0, -3, 0.5, 12] {
      let bell = BiquadCoefficients.bell(frequency: 1000, gainDB: gain, q: 2, sampleRate: rate)
      #expect(abs(db(bell, 1000) - gain) < 1e-9)
      #expect(abs(db(bell, 0)) < 1e-6 && abs(db(bell, rate / 2)) < 1e-6)
      let low = BiquadCoefficients.lowShelf(frequency: 300, gainDB: gain, q: 0.7, sampleRate: rate)
      #expect(abs(db(low, 0) - gain) < 1e-5 && abs(db(low, rate / 2)) < 1e-6)
      #expect(abs(db(low, 300) - gain / 2) < 1e-6)
      let high = BiquadCoefficients.highShelf(
        frequency: 2000, gainDB: gain, q: 0.7, sampleRate: rate)
      #expect(abs(db(high, 0)) < 1e-6 && abs(db(high, rate / 2) - gain) < 1e-5)
    }
    for slope in PassFilter.Slope.all {
      let high = PassFilter(frequencyHz: 100, slope: slope).highPassSections(sampleRate: rate)
      let low = PassFilter(frequencyHz: 1000, slope: slope).lowPassSections(sampleRate: rate)
      #expect(abs(high.reduce(0) { $0 + db($1, 100) } + 3.0103) < 1e-4)
      #expect(abs(low.reduce(0) { $0 + db($1, 1000) } + 3.0103) < 1e-4)
      #expect(high.reduce(0) { $0 + db($1, 0) } < -120)
      #expect(low.reduce(0) { $0 + db($1, rate / 2) } < -120)
      // An octave of stop band.
      let octave = high.reduce(0) { $0 + db($1, 25) } - high.reduce(0) { $0 + db($1, 12.5) }
      #expect(abs(octave - (slope == .decibels12 ? 12.04 : 24.08)) < 0.1)
    }
  }

  @Test(arguments: sampleRates)
  func extremeFiltersStayStableAndQuietAfterSilence(_ rate: Double) {
    let cascade = FilterCascade(capacity: 6, sampleRate: rate)
    cascade.set([
      .highPass(frequency: 10, q: 0.5, sampleRate: rate),
      .bell(frequency: 20, gainDB: 24, q: 2, sampleRate: rate),
      .bell(frequency: 24_000, gainDB: 24, q: 20, sampleRate: rate),
      .lowShelf(frequency: 10, gainDB: -24, q: 2, sampleRate: rate),
      .highShelf(frequency: 24_000, gainDB: 24, q: 0.1, sampleRate: rate),
      .notch(frequency: 10, q: 5, sampleRate: rate),
    ])
    let loud = Stereo.noise(Int(rate), seed: 3).processed(777, cascade.process)
    #expect(loud.isFinite && loud.peak < 10_000)
    var silence = Stereo(count: Int(rate) * 30) { _ in 0 }
    silence.inBlocks(512, cascade.process)
    #expect(silence.left.suffix(1000).allSatisfy { $0 == 0 })
  }

  @Test func blocksOfAnySizeGiveTheSameSamples() {
    func render(_ size: Int) -> Stereo {
      let cascade = FilterCascade(capacity: 7, sampleRate: 48_000)
      var frame = 0
      return Stereo.noise(6000, seed: 4).processed(size) {
        if frame == 3000 {
          cascade.set(
            (0..<7).map {
              .bell(frequency: 200 * Double($0 + 1), gainDB: 6, q: 1, sampleRate: 48_000)
            })
        }
        frame += $0.frameCount
        cascade.process($0)
      }
    }
    let reference = render(3000)
    for size in [1, 8, 125, 1000] { #expect(render(size) == reference) }
    #expect(reference.left[..<3000].elementsEqual(Stereo.noise(6000, seed: 4).left[..<3000]))
  }

  @Test func aChangeOfAFilterDoesNotClick() {
    let rate = 48_000.0
    let cascade = FilterCascade(capacity: 2, sampleRate: rate)
    var frame = 0
    let output = Stereo.sine(200, amplitude: 0.5, seconds: 1, sampleRate: rate).processed(480) {
      if frame == 24_000 {
        cascade.set([.bell(frequency: 200, gainDB: 12, q: 1, sampleRate: rate)])
      }
      frame += $0.frameCount
      cascade.process($0)
    }
    // A click would show above 2 kHz, where a steady sine has nothing.
    let filter = FilterCascade(capacity: 2, sampleRate: rate)
    filter.set(
      PassFilter(frequencyHz: 2000, slope: .decibels24).highPassSections(sampleRate: rate))
    filter.finishMoving()
    let rest = output.processed(512, filter.process)
    #expect(levelDB(rest.left[23_000..<30_000]) < -75)
    #expect(levelDB(output.left.suffix(4800)) > 2)
  }
}
