// SPDX-License-Identifier: MIT
import Audio
import Foundation
import FoundationXML
import Testing

@testable import Mixdown

@Suite struct MeasurementTests {
  private func sine(
    _ frequency: Double, _ amplitude: Double, seconds: Double, rate: Double = 44_100,
    right: Double = 1
  ) -> AudioBuffer {
    let count = Int(seconds * rate)
    let left = (0..<count).map {
      Float(amplitude * sin(2 * .pi * frequency * Double($0) / rate))
    }
    return AudioBuffer(
      channelCount: 2, frameCount: count, samples: left + left.map { $0 * Float(right) })
  }

  @Test(arguments: [8_000, 44_100, 96_000])
  func loudnessAndPeaksAreThoseOfLibebur128(rate: Int) throws {
    let place = try Place()
    let buffer = music(6 * rate, seed: 3, rate: Double(rate))
    let path = try place.stem("a.wav", buffer, sampleRate: rate)
    let measured = try FileMeasurement(path: path)
    let reference = try ReferenceLoudness(buffer, sampleRate: rate)
    #expect(abs(measured.integratedLUFS - reference.integratedLUFS) < 0.01)
    #expect(abs(measured.rangeLU - reference.rangeLU) < 0.1)
    // From 96 kHz on libebur128 oversamples twofold only; near the Nyquist frequency the two differ.
    if rate < 96_000 { #expect(abs(measured.truePeakDB - reference.truePeakDB) < 0.1) }
    #expect(measured.frameCount == 6 * rate)
  }

  /// EBU Tech 3341, case 6: 1 kHz in 5.1 at -28, -28, -24, -30 and -30 dBFS is -23 LUFS.
  @Test func surroundHasTheLoudnessOfTheStandard() throws {
    let place = try Place()
    let frames = 8 * 48_000
    let levels: [Float] = [-28, -28, -24, 0, -30, -30]
    var samples: [Float] = []
    for level in levels {
      // What is in the channel of low frequencies does not count.
      samples += (0..<frames).map { pow(10, level / 20) * sin(2 * .pi * 1000 / 48_000 * Float($0)) }
    }
    let buffer = AudioBuffer(channelCount: 6, frameCount: frames, samples: samples)
    let measured = try FileMeasurement(path: place.stem("a.wav", buffer, sampleRate: 48_000))
    #expect(abs(measured.integratedLUFS + 23) < 0.1)
    #expect(measured.channelCount == 6)
  }

  @Test func aFileOfOneChannelIsOneLoudspeaker() throws {
    let place = try Place()
    let frames = 4 * 44_100
    let mono = AudioBuffer(
      channelCount: 1, frameCount: frames, samples: Array(music(frames, seed: 1).samples[..<frames])
    )
    let measured = try FileMeasurement(path: place.stem("a.wav", mono))
    let reference = try ReferenceLoudness(mono, sampleRate: 44_100, channelCount: 1)
    #expect(abs(measured.integratedLUFS - reference.integratedLUFS) < 0.01)
    #expect(measured.channelCount == 1)
    #expect(measured.width == 0)
  }

  @Test func aSineHasItsLevelsByTheFormulas() throws {
    let place = try Place()
    let path = try place.stem("a.wav", sine(1000, 0.5, seconds: 4))
    let measured = try FileMeasurement(path: path)
    let rms = 20 * log10(0.5 / 2.0.squareRoot())
    #expect(abs(measured.rmsDB - rms) < 0.01)
    #expect(abs(measured.crestDB - 20 * log10(2.0.squareRoot())) < 0.01)
    #expect(abs(measured.samplePeakDB - 20 * log10(0.5)) < 0.01)
    #expect(abs(measured.width) < 1e-9)
    #expect(abs(measured.correlation - 1) < 1e-6)
    let octave = try #require(measured.octaves.first { $0.centreHz == 1000 })
    #expect(abs(octave.levelDB - rms) < 0.01)
    #expect(measured.octaves.allSatisfy { $0.centreHz == 1000 || $0.levelDB < rms - 60 })
  }

  @Test func widthTellsSideFromMid() throws {
    let place = try Place()
    let inverted = try FileMeasurement(
      path: place.stem("a.wav", sine(400, 0.5, seconds: 1, right: -1)))
    #expect(inverted.width == .infinity)
    #expect(abs(inverted.correlation + 1) < 1e-6)
    // (1 - 0.5)² / (1 + 0.5)²
    let half = try FileMeasurement(
      path: place.stem("b.wav", sine(400, 0.5, seconds: 1, right: 0.5)))
    #expect(abs(half.width - 1.0 / 9) < 1e-4)
    #expect(abs(half.balance + 0.6) < 1e-4)
  }

  @Test(arguments: [8_000, 44_100, 96_000])
  func octavesAreThoseOfWelchInSciPy(rate: Int) throws {
    let file = try #require(
      Bundle.module.url(forResource: "octaves", withExtension: "json", subdirectory: "Fixtures"))
    let all = try JSONDecoder().decode(
      [String: [String: Double]].self, from: Data(contentsOf: file))
    let expected = try #require(all["\(rate)"])
    let place = try Place()
    let buffer = music(3 * rate, seed: 2, rate: Double(rate))
    let measured = try FileMeasurement(path: place.stem("a.wav", buffer, sampleRate: rate))
    #expect(measured.octaves.count == expected.count)
    for octave in measured.octaves {
      let name = octave.name.replacing(" Hz", with: "")
      let value = try #require(expected[name])
      #expect(abs(octave.levelDB - value) < 0.01, "\(name) Hz")
    }
  }

  @Test func aVeryShortFileIsMeasured() throws {
    let place = try Place()
    let measured = try FileMeasurement(path: place.stem("a.wav", sine(1000, 0.5, seconds: 0.01)))
    #expect(measured.integratedLUFS == -.infinity)
    let octave = try #require(measured.octaves.first { $0.centreHz == 1000 })
    #expect(abs(octave.levelDB + 9) < 4)
    #expect(measured.picture.contains("</svg>"))
  }

  @Test func aCopyThatIsOnlyLouderComparesAsEqual() throws {
    let place = try Place()
    let buffer = music(4 * 44_100, seed: 5)
    var louder = buffer
    for index in louder.samples.indices { louder.samples[index] *= 2 }
    let comparison = FileComparison(
      try FileMeasurement(path: place.stem("a.wav", buffer)),
      try FileMeasurement(path: place.stem("b.wav", louder)))
    #expect(abs(comparison.matchingGainDB + 20 * log10(2)) < 0.01)
    for row in comparison.rows {
      let isLevel = ["integrated loudness", "true peak"].contains(row.name)
      #expect(abs(row.difference - (isLevel ? 20 * log10(2) : 0)) < 0.02, "\(row.name)")
    }
  }

  @Test func picturesAreWellFormed() throws {
    let place = try Place()
    let path = try place.stem("a & <b>.wav", music(3 * 44_100, seed: 1))
    let measured = try FileMeasurement(path: path)
    for svg in [measured.picture, FileComparison(measured, measured).picture] {
      let parser = XMLParser(data: Data(svg.utf8))
      #expect(parser.parse())
      #expect(svg.contains("a &amp; &lt;b&gt;.wav") || svg.contains("Compared"))
      #expect(!svg.contains("nan") && !svg.contains("inf"))
    }
  }

  @Test func anOverviewKeepsTheExtremes() {
    var overview = Overview()
    for n in 0..<10_000 { overview.append(n == 7777 ? 5 : n == 1234 ? -5 : 0) }
    #expect(overview.lowest.count <= Overview.maximumBinCount)
    #expect(overview.highest.max() == 5)
    #expect(overview.lowest.min() == -5)
    #expect(overview.highest.firstIndex(of: 5) == 7777 / overview.valuesPerBin)
  }
}
