// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Testing

@testable import Separation

@Suite struct OverlapAddTests {
  struct Case: Decodable {
    var frames: Int
    var overlap: Double
    var chunk: Int?
    var shifts: Int
    var seed: UInt64
    var output: [Float]  // (sources, channels, frames)
  }

  @Test func segmentsAddUpToWhatDemucsMakesOfThem() async throws {
    let cases: [Case] = try Fixture.decode("overlap-add.json")
    #expect(cases.count > 40)
    for expected in cases {
      var options = Separator.Options()
      options.overlap = expected.overlap
      options.shifts = expected.shifts
      options.seed = expected.seed
      let model = FunctionModel.probe(segmentFrames: 64)
      let grids = options.grids(for: model).map { grid in
        SegmentGrid(
          segmentFrames: 64, chunkFrames: expected.chunk ?? 64, overlap: expected.overlap,
          shiftFrames: grid.shiftFrames)
      }
      let mixture = noise(
        channelCount: 2, frameCount: expected.frames, seed: UInt64(expected.frames))
      let stems = try separate(mixture, model: model, grids: grids)
      let output = stems["gain", default: mixture].samples + stems["mean", default: mixture].samples
      #expect(output.count == expected.output.count)
      let difference = zip(output, expected.output).map { abs($0 - $1) }.max() ?? .infinity
      #expect(difference < 1e-6, "\(expected.frames) frames, overlap \(expected.overlap)")
    }
  }

  @Test(arguments: [1, 2, 255, 256, 257, 1000, 4096, 12_345])
  func anIdentityModelReturnsItsInput(frameCount: Int) async throws {
    let mixture = noise(channelCount: 2, frameCount: frameCount, seed: 3)
    for overlap in [0, 0.25, 0.5, 0.9] {
      for shifts in [0, 1, 3] {
        var options = Separator.Options()
        options.overlap = overlap
        options.shifts = shifts
        let separator = try Separator(
          FunctionModel.identity(segmentFrames: 256), options: options)
        let stems = try await separator.separate(mixture, sampleRate: 8000)
        let stem = try #require(stems["mixture"])
        #expect(largestDifference(stem, mixture) < 1e-6)
      }
    }
  }

  @Test func theNumberOfWorkersDoesNotChangeABit() async throws {
    let mixture = noise(channelCount: 2, frameCount: 30_000, seed: 5)
    var results: [[String: AudioBuffer]] = []
    for jobs in [1, 2, 3, 7] {
      var options = Separator.Options()
      options.jobs = jobs
      options.shifts = 2
      let separator = try Separator(FunctionModel.probe(segmentFrames: 512), options: options)
      results.append(try await separator.separate(mixture, sampleRate: 8000))
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test func anotherSeedMovesTheSegments() async throws {
    let mixture = noise(channelCount: 2, frameCount: 3000, seed: 5)
    var stems: [[String: AudioBuffer]] = []
    for seed: UInt64 in [1, 1, 2] {
      var options = Separator.Options()
      options.shifts = 1
      options.seed = seed
      let separator = try Separator(FunctionModel.probe(segmentFrames: 512), options: options)
      stems.append(try await separator.separate(mixture, sampleRate: 8000))
    }
    #expect(stems[0] == stems[1])
    #expect(stems[0] != stems[2])
  }

  @Test func aTrackIsNormalizedAsDemucsDoesWhereTheModelWantsIt() async throws {
    struct Scale: Decodable {
      var mean: Float
      var deviation: Float
    }
    let expected: Scale = try Fixture.decode("track-scale.json")
    let mixture = noise(channelCount: 2, frameCount: 70_001, seed: 11)
    let scale = try TrackScale.measure(
      .memory(mixture, sampleRate: 8000), modelRate: 8000, signal: CancellationSignal())
    #expect(abs(scale.mean - expected.mean) < 1e-6)
    #expect(abs(scale.deviation - expected.deviation) < 1e-6)

    let separator = try Separator(
      FunctionModel.identity(segmentFrames: 4000, normalizesTrack: true))
    let stems = try await separator.separate(mixture, sampleRate: 8000)
    #expect(largestDifference(try #require(stems["mixture"]), mixture) < 1e-6)
  }

  /// Separates with given grids, which may be finer than the options allow.
  private func separate(
    _ mixture: AudioBuffer, model: FunctionModel, grids: [SegmentGrid]
  ) throws -> [String: AudioBuffer] {
    let reader = try MemoryTrackReader(buffer: mixture, sampleRate: model.sampleRate)
    let layout = TrackLayout(
      sources: model.sources, channelCount: 2, sampleRate: model.sampleRate)
    let sink = MemorySink(layout: layout)
    let workers = SegmentWorkers(model: model, count: 2, threadsPerWorker: 1)
    defer { workers.close() }
    let signal = CancellationSignal()
    var pipeline = Pipeline(
      model: model, grids: grids, scale: .identity, workers: workers, depth: 4,
      input: try ModelInput(reader: reader, modelRate: model.sampleRate, mixtureRate: nil),
      output: try StemOutput(
        model: model, scale: .identity, outputRate: model.sampleRate,
        trackRate: model.sampleRate, sink: sink, signal: signal),
      signal: signal)
    try pipeline.run(
      meter: ProgressMeter(sampleRate: 8000, frameCount: mixture.frameCount, report: { _ in }))
    return sink.finish().stems
  }
}
