// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Testing

@testable import Separation

@Suite struct SeparatorTests {
  @Test(arguments: [8000, 11_025, 44_100, 48_000, 96_000])
  func stemsHaveTheRateAndLengthOfTheTrack(sampleRate: Int) async throws {
    for frameCount in [1, 100, 7919, 30_011] {
      let mixture = noise(channelCount: 1, frameCount: frameCount, seed: 1)
      let separator = try Separator(
        FunctionModel.identity(segmentFrames: 2048, sampleRate: 44_100))
      let stems = try await separator.separate(mixture, sampleRate: sampleRate)
      let stem = try #require(stems["mixture"])
      #expect(stem.frameCount == frameCount)
      #expect(stem.channelCount == 2)
    }
  }

  @Test func aSlowToneSurvivesTheWayThroughTheModelsRate() async throws {
    let samples = (0..<48_000).map { Float(0.5 * sin(2 * .pi * 997 * Double($0) / 48_000)) }
    let mixture = AudioBuffer(channelCount: 1, frameCount: 48_000, samples: samples)
    let separator = try Separator(
      FunctionModel.identity(segmentFrames: 9000, sampleRate: 44_100))
    let stems = try await separator.separate(mixture, sampleRate: 48_000)
    let stem = try #require(stems["mixture"])
    // Away from the ends, where the filters of the resampler ring.
    let inner = 2000..<46_000
    let difference = zip(stem.samples[inner], samples[inner]).map { abs($0 - $1) }.max() ?? 1
    #expect(difference < 1e-5)
  }

  @Test func samplesThatAreNoNumbersCountAsSilence() async throws {
    var mixture = noise(channelCount: 2, frameCount: 500, seed: 1)
    var samples = mixture.samples
    samples[3] = .nan
    samples[700] = .infinity
    mixture = AudioBuffer(channelCount: 2, frameCount: 500, samples: samples)
    samples[3] = 0
    samples[700] = 0
    let clean = AudioBuffer(channelCount: 2, frameCount: 500, samples: samples)
    let separator = try Separator(FunctionModel.identity(segmentFrames: 256))
    let stems = try await separator.separate(mixture, sampleRate: 8000)
    #expect(largestDifference(try #require(stems["mixture"]), clean) < 1e-6)
  }

  @Test func eventsEndWithTheResult() async throws {
    let folder = try TemporaryFolder()
    let mixture = noise(channelCount: 2, frameCount: 40_000, seed: 1)
    let file = try folder.write(mixture, name: "song.wav", sampleRate: 8000)
    let separator = try Separator(FunctionModel.identity(segmentFrames: 1000))
    var fractions: [Double] = []
    var track: SeparatedTrack?
    for try await event in separator.separate(file) {
      #expect(track == nil)
      switch event {
      case .progress(let progress): fractions.append(try #require(progress.fraction))
      case .finished(let result): track = result
      }
    }
    let result = try #require(track)
    #expect(fractions == fractions.sorted())
    #expect(fractions.allSatisfy { (0...1).contains($0) })
    #expect(result.frameCount == 40_000)
    #expect(result.sampleRate == 8000)
    #expect(largestDifference(try #require(result.stems["mixture"]), mixture) < 1e-6)
  }

  @Test func aMissingFileIsNamed() async throws {
    let separator = try Separator(FunctionModel.identity(segmentFrames: 1000))
    let error = await #expect(throws: SeparationError.self) {
      for try await _ in separator.separate(URL(filePath: "/nowhere/song.wav")) {}
    }
    #expect(error?.code == .input)
    #expect(error?.message.contains("/nowhere/song.wav") == true)
  }

  /// A separation into files that stands still in its midst until the gate is opened.
  private func stalledSeparation(
    in folder: TemporaryFolder, gate: Gate
  ) throws -> SeparationEvents {
    let file = try folder.write(
      noise(channelCount: 2, frameCount: 80_000, seed: 1), name: "song.wav", sampleRate: 8000)
    let separator = try Separator(FunctionModel.identity(segmentFrames: 1000, gate: gate))
    let stem = folder.url.appending(path: "a/b/mixture.wav")
    return separator.separate(file, to: StemFiles(paths: ["mixture": stem.path]))
  }

  @Test func aCancelledTaskLeavesNothingBehind() async throws {
    let folder = try TemporaryFolder()
    let gate = Gate()
    defer { gate.open() }
    let events = try stalledSeparation(in: folder, gate: gate)
    let task = Task {
      for try await event in events {
        if case .progress(let progress) = event, progress.secondsDone > 0 {
          withUnsafeCurrentTask { $0?.cancel() }
        }
      }
    }
    let error = await #expect(throws: SeparationError.self) { try await task.value }
    #expect(error?.code == .cancelled)
    #expect(try folder.contents() == ["song.wav"])
  }

  @Test func leavingTheLoopStopsTheSeparation() async throws {
    let folder = try TemporaryFolder()
    let gate = Gate()
    defer { gate.open() }
    let events = try stalledSeparation(in: folder, gate: gate)
    for try await event in events {
      if case .progress(let progress) = event, progress.secondsDone > 0 { break }
    }
    for _ in 0..<500 {
      // A folder that vanishes while it is listed makes the listing fail.
      if (try? folder.contents())?.count == 1 { break }
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(try folder.contents() == ["song.wav"])
  }

  @Test func optionsOutOfRangeAreRefused() throws {
    let model = FunctionModel.identity(segmentFrames: 8000)
    let changes: [@Sendable (inout Separator.Options) -> Void] = [
      { $0.overlap = 1 }, { $0.overlap = -0.1 }, { $0.overlap = .nan }, { $0.shifts = -1 },
      { $0.jobs = -1 }, { $0.segmentSeconds = 0 }, { $0.segmentSeconds = 2 },
      { $0.segmentSeconds = .nan }, { $0.sampleRate = 0 }, { $0.sampleRate = 1_000_000 },
    ]
    for change in changes {
      var options = Separator.Options()
      change(&options)
      let error = #expect(throws: SeparationError.self) { try Separator(model, options: options) }
      #expect(error?.code == .invalidOption)
    }
  }
}
