// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Tonmeister

@Suite struct FeaturesTests {
  private struct Report: Decodable {
    struct Summary: Decodable {
      var mean: Double
      var standardDeviation: Double
    }

    struct Summaries: Decodable {
      var mean: [Double]
    }

    struct Frames: Decodable {
      var count: Int
      var spectralCentroidHz: [Double]
      var mfcc: [[Double]]
      var melPowers: [[Double]]
      var chroma: [[Double]]
    }

    struct File: Decodable {
      var levels: [String: Double]
      var frameCount: Int
      var spectralCentroidHz: Summary
      var spectralContrastDB: Summaries
      var mfcc: Summaries
      var meanMelPowers: [Double]
      var meanChroma: [Double]
      var frames: Frames?
    }

    struct Analysis: Decodable {
      var sampleRate: Int
      var contrastBandsHz: [[Double]]
    }

    var analysis: Analysis
    var files: [File]
  }

  @Test func featuresArePrintedAsATableAndAsJSON() throws {
    let place = try Workplace()
    try place.song("a.wav", frameCount: 60_000)
    try place.song("b.flac", frameCount: 50_000, format: .flac(bitsPerSample: 16))
    let table = try place.tool.run("features", "a.wav", "b.flac")
    #expect(table.status == 0)
    for name in ["spectral centroid (Hz)", "MFCC 12", "key, correlation", "dynamic range"] {
      #expect(table.output.contains(name))
    }

    let result = try place.tool.run("features", "a.wav", "b.flac", "--json")
    let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
    #expect(report.analysis.sampleRate == 22_050)
    #expect(report.analysis.contrastBandsHz.first == [0, 200])
    #expect(report.analysis.contrastBandsHz.last == [6400, 11_025])
    #expect(report.files.count == 2)
    let file = report.files[0]
    #expect(file.frames == nil)
    #expect(file.frameCount == 1 + 30_000 / 512)
    #expect(file.spectralContrastDB.mean.count == 7 && file.mfcc.mean.count == 13)
    #expect(file.meanMelPowers.count == 128 && file.meanChroma.count == 12)
    let measured = try FileFeatures(path: place.url.appending(path: "a.wav").path)
    let levels = measured.features.levels
    #expect(abs((file.levels["integratedLUFS"] ?? 0) - levels.integratedLUFS) < 1e-9)
    #expect(file.spectralCentroidHz.mean == measured.features.spectrum.centroidHz.mean)
  }

  @Test func framesArePrintedWhereTheyAreAskedFor() throws {
    let place = try Workplace()
    try place.song("a.wav", frameCount: 20_000)
    let result = try place.tool.run("features", "a.wav", "--json", "--frames")
    let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
    let frames = try #require(report.files.first?.frames)
    #expect(frames.count == 1 + 10_000 / 512)
    #expect(frames.spectralCentroidHz.count == frames.count)
    #expect(frames.mfcc.count == frames.count && frames.mfcc[0].count == 13)
    #expect(frames.melPowers.count == frames.count && frames.melPowers[0].count == 128)
    #expect(frames.chroma.count == frames.count && frames.chroma[0].count == 12)
  }

  @Test func mistakesAreTold() throws {
    let place = try Workplace()
    #expect(try place.tool.run("features").status != 0)
    #expect(try place.tool.run("features", "missing.wav").status == 1)
    try place.song("a.wav", frameCount: 1000)
    let result = try place.tool.run("features", "a.wav", "--frames")
    #expect(result.status != 0)
    #expect(result.errors.contains("--json"))
  }
}
