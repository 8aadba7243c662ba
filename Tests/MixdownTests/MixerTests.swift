// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore
import Testing

@testable import Mixdown

@Suite struct MixerTests {
  /// A plan in which every step changes something.
  static func plan(_ names: [String]) -> MixPlan {
    var plan = MixPlan(trackNames: names)
    for index in plan.tracks.indices {
      plan.tracks[index].gainDB = Double(index) - 2
      plan.tracks[index].pan = 0.2 * Double(index) - 0.3
      plan.tracks[index].highPass = PassFilter(frequencyHz: 60)
      plan.tracks[index].equalizer = [EqualizerBand(.bell, frequencyHz: 900, gainDB: 4, q: 1)]
      plan.tracks[index].compressor = Compressor()
      plan.tracks[index].reverbSendDB = -10
    }
    if names.count > 1 { plan.tracks[0].compressor?.sideChain = names[1] }
    plan.master.equalizer = [EqualizerBand(.highShelf, frequencyHz: 8000, gainDB: 2)]
    plan.master.compressor = Compressor()
    return plan
  }

  private static func options(
    _ normalization: Mixer.Normalization, rate: Int? = nil, jobs: Int = 0
  ) -> Mixer.Options {
    var options = Mixer.Options()
    options.normalization = normalization
    options.sampleRate = rate
    options.jobs = jobs
    return options
  }

  /// The master of an engine that hears the stems in one go, without the delay of its limiter.
  private func engineMaster(
    _ plan: MixPlan, _ stems: [AudioBuffer], rate: Int, loudnessGainDB: Double = 0
  ) throws -> AudioBuffer {
    let engine = try MixEngine(plan: plan, sampleRate: Double(rate), maximumFrameCount: 512)
    engine.setLoudnessGain(loudnessGainDB)
    engine.reset()
    let length = stems.map(\.frameCount).max() ?? 0
    let total = length + engine.latencyFrames
    var left: [Float] = []
    var right: [Float] = []
    for start in stride(from: 0, to: total, by: 512) {
      let count = min(512, total - start)
      for (index, stem) in stems.enumerated() {
        let input = engine.input(index)
        for i in 0..<count {
          let isThere = start + i < stem.frameCount
          input.left[i] = isThere ? stem.samples[start + i] : 0
          input.right[i] = isThere ? stem.samples[stem.frameCount + start + i] : 0
        }
      }
      engine.process(frameCount: count)
      left += UnsafeBufferPointer(start: engine.master.left, count: count)
      right += UnsafeBufferPointer(start: engine.master.right, count: count)
    }
    let late = engine.latencyFrames
    return AudioBuffer(
      channelCount: 2, frameCount: length,
      samples: Array(left[late...]) + Array(right[late...]))
  }

  /// All but the last frames, before which the engine's limiter has seen the room die away.
  private func beginning(_ buffer: AudioBuffer) -> AudioBuffer {
    buffer.frames(0..<buffer.frameCount - 200)
  }

  @Test func stemsOfAnyRateAndLengthAreAlignedAtTheStart() async throws {
    let place = try Place()
    let first = music(48_000, seed: 1, rate: 48_000)
    let second = music(22_050, seed: 2, rate: 44_100)
    let mono = AudioBuffer(
      channelCount: 1, frameCount: 15_000, samples: Array(music(15_000, seed: 3).samples[..<15_000])
    )
    let paths = [
      try place.stem("a.wav", first, sampleRate: 48_000),
      try place.stem("b.wav", second, sampleRate: 44_100),
      try place.stem("c.wav", mono, sampleRate: 22_050),
    ]
    var plan = MixPlan()
    plan.tracks = ["a", "b", "c"].map { Track(name: $0) }
    let mixer = try Mixer(plan: plan, stemPaths: paths, options: Self.options(.none))
    let result = try await mixer.result(MixFiles(mix: place.path("mix.wav"), format: .wavFloat32))
    #expect(result.sampleRate == 48_000)
    #expect(result.frameCount == 48_000)
    let doubled = AudioBuffer(
      channelCount: 2, frameCount: 15_000, samples: mono.samples + mono.samples)
    let stems = [
      first, try Resampler.resample(second, from: 44_100, to: 48_000),
      try Resampler.resample(doubled, from: 22_050, to: 48_000),
    ]
    #expect(stems[1].frameCount == 24_000)
    let mix = try place.read("mix.wav")
    #expect(mix.sampleRate == 48_000)
    try #require(mix.buffer.frameCount == 48_000)
    for channel in 0..<2 {
      for n in 0..<48_000 {
        let sum = stems.reduce(Float(0)) {
          $0 + (n < $1.frameCount ? $1.samples[channel * $1.frameCount + n] : 0)
        }
        let difference = abs(mix.buffer.samples[channel * 48_000 + n] - sum)
        if difference > 1e-6 { #expect(difference <= 1e-6, "frame \(n)") }
      }
    }
  }

  @Test(arguments: [-14.0, -9, -23])
  func theLoudnessIsReachedUnderTheCeiling(target: Double) async throws {
    let place = try Place()
    let stems = (0..<3).map { music(5 * 44_100, seed: $0) }
    let paths = try stems.enumerated().map { try place.stem("\($0.offset).wav", $0.element) }
    var plan = Self.plan(["0", "1", "2"])
    plan.master.loudnessLUFS = target
    let mixer = try Mixer(plan: plan, stemPaths: paths)
    let result = try await mixer.result(MixFiles(mix: place.path("mix.wav"), format: .wavFloat32))
    let mix = try place.read("mix.wav").buffer
    let reference = try ReferenceLoudness(mix, sampleRate: 44_100)
    #expect(abs(reference.integratedLUFS - target) < 0.1)
    #expect(reference.truePeakDB <= -1)
    #expect(abs(result.levels.integratedLUFS - reference.integratedLUFS) < 0.01)
    #expect(abs(result.levels.truePeakDB - reference.truePeakDB) < 0.01)
    // The same bits as the engine that is told this gain.
    let expected = try engineMaster(plan, stems, rate: 44_100, loudnessGainDB: result.gainDB)
    #expect(beginning(mix) == beginning(expected))
  }

  @Test func aMixWithoutNormalizationIsTheEnginesMaster() async throws {
    let place = try Place()
    let stems = (0..<2).map { music(30_000 + 9_000 * $0, seed: UInt64($0), amplitude: 0.9) }
    let paths = try stems.enumerated().map { try place.stem("\($0.offset).wav", $0.element) }
    let plan = Self.plan(["0", "1"])
    let mixer = try Mixer(plan: plan, stemPaths: paths, options: Self.options(.none))
    let result = try await mixer.result(MixFiles(mix: place.path("mix.wav"), format: .wavFloat32))
    #expect(result.limiterReductionDB > 0)
    let mix = try place.read("mix.wav").buffer
    #expect(try beginning(mix) == beginning(engineMaster(plan, stems, rate: 44_100)))
  }

  @Test func peakNormalizationDividesByTheLargestSample() async throws {
    let place = try Place()
    let stem = music(20_000, seed: 4, amplitude: 0.1)
    let path = try place.stem("a.wav", stem)
    let mixer = try Mixer(
      plan: MixPlan(trackNames: ["a"]), stemPaths: [path], options: Self.options(.peak))
    let result = try await mixer.result(MixFiles(mix: place.path("mix.wav"), format: .wavFloat32))
    let mix = try place.read("mix.wav").buffer
    #expect(abs(mix.peak - 1) < 1e-6)
    #expect(result.warnings.isEmpty)
    let largest = stem.peak
    #expect(zip(mix.samples, stem.samples).allSatisfy { abs($0 - $1 / largest) < 1e-6 })
  }

  @Test func processedStemsNullAgainstTheMixBeforeTheMaster() async throws {
    let place = try Place()
    let stems = (0..<3).map { music(30_000, seed: $0) }
    let names = ["drums", "bass", "vocals"]
    let paths = try zip(names, stems).map { try place.stem("\($0).wav", $1) }
    let mixer = try Mixer(plan: Self.plan(names), stemPaths: paths)
    let result = try await mixer.result(
      MixFiles(mix: place.path("mix.wav"), stemsFolder: place.path("stems")))
    #expect(Set(result.stems.keys) == ["drums", "bass", "vocals", "reverb", "premaster"])
    var rest = try place.read("stems/premaster.wav").buffer.samples
    let before = rest.reduce(0) { max($0, abs($1)) }
    for name in names + ["reverb"] {
      let part = try place.read("stems/\(name).wav").buffer.samples
      try #require(part.count == rest.count)
      for n in rest.indices { rest[n] -= part[n] }
    }
    #expect(before > 0.1)
    #expect(rest.allSatisfy { abs($0) < 1e-6 })
  }

  @Test func theNumberOfThreadsDoesNotChangeAByte() async throws {
    let place = try Place()
    let paths = try (0..<4).map {
      try place.stem(
        "\($0).wav", music(40_000, seed: UInt64($0)), sampleRate: $0 == 2 ? 32_000 : 44_100)
    }
    var files: [Data] = []
    for jobs in [1, 2, 3, 0, 0] {
      let mixer = try Mixer(
        plan: Self.plan(["0", "1", "2", "3"]), stemPaths: paths,
        options: Self.options(.loudness, jobs: jobs))
      _ = try await mixer.result(MixFiles(mix: place.path("mix.wav")))
      files.append(try Data(contentsOf: place.url.appending(path: "mix.wav")))
    }
    #expect(files.allSatisfy { $0 == files[0] })
  }

  @Test func theTailOfTheReverbCanBeKept() async throws {
    let place = try Place()
    let path = try place.stem("a.wav", music(10_000, seed: 1))
    var options = Self.options(.none)
    options.tailSeconds = 1
    let mixer = try Mixer(plan: Self.plan(["a"]), stemPaths: [path], options: options)
    let result = try await mixer.result(MixFiles(mix: place.path("mix.wav"), format: .wavFloat32))
    #expect(result.frameCount == 10_000 + 44_100)
    let mix = try place.read("mix.wav").buffer
    #expect(mix.frameCount == 54_100)
    #expect(mix[channel: 0].dropFirst(20_000).prefix(5_000).contains { abs($0) > 1e-4 })
  }

  @Test func whatIsBeyondFullScaleIsTold() async throws {
    let place = try Place()
    let path = try place.stem("a.wav", music(10_000, seed: 1, amplitude: 2))
    var plan = MixPlan()
    plan.tracks = [Track(name: "a")]
    let mixer = try Mixer(plan: plan, stemPaths: [path], options: Self.options(.none))
    let clipped = try await mixer.result(MixFiles(mix: place.path("mix.wav")))
    #expect(clipped.warnings.count == 1)
    let float = try await mixer.result(MixFiles(mix: place.path("float.wav"), format: .wavFloat32))
    #expect(float.warnings.isEmpty)
    #expect(try place.read("float.wav").buffer.peak > 1.1)
  }

  @Test func silenceStaysSilent() async throws {
    let place = try Place()
    let path = try place.stem("a.wav", AudioBuffer(channelCount: 2, frameCount: 30_000))
    let mixer = try Mixer(plan: MixPlan(trackNames: ["a"]), stemPaths: [path])
    let result = try await mixer.result(MixFiles(mix: place.path("mix.wav"), format: .wavFloat32))
    #expect(result.warnings.count == 1)
    #expect(result.levels.integratedLUFS == -.infinity)
    #expect(try place.read("mix.wav").buffer.peak == 0)
  }

  @Test func aBrokenStemLeavesNothingBehind() async throws {
    let place = try Place()
    let good = try place.stem("a.wav", music(10_000, seed: 1))
    try Data("no audio".utf8).write(to: place.url.appending(path: "b.wav"))
    let before = place.files
    for bad in [place.path("b.wav"), place.path("missing.wav")] {
      let mixer = try Mixer(
        plan: MixPlan(trackNames: ["a", "b"]), stemPaths: [good, bad])
      await #expect {
        _ = try await mixer.result(
          MixFiles(mix: place.path("mix.wav"), stemsFolder: place.path("stems")))
      } throws: { error in
        guard let error = error as? MixdownError else { return false }
        return error.code == .input && error.message.hasPrefix(bad) && error.cause != nil
      }
      #expect(place.files == before)
    }
  }

  @Test func aCancelledMixLeavesNothingBehind() throws {
    let place = try Place()
    let path = try place.stem("a.wav", music(100_000, seed: 1))
    let before = place.files
    let mixer = try Mixer(
      plan: Self.plan(["a"]), stemPaths: [path], options: Self.options(.loudness))
    let files = MixFiles(mix: place.path("mix.wav"), stemsFolder: place.path("stems"))
    for fraction in [0.0, 0.3, 0.9] {
      let signal = CancellationSignal()
      var run = MixRun(mixer: mixer, files: files, signal: signal) { progress in
        if progress.fraction ?? 0 >= fraction { signal.cancel() }
      }
      run.reportInterval = .zero
      #expect { try run.run() } throws: { ($0 as? MixdownError)?.code == .cancelled }
      #expect(place.files == before)
    }
  }

  @Test func whatCannotBeMixedIsRefusedBeforeAFileIsOpened() throws {
    func code(_ body: () throws -> Mixer) -> MixdownError.Code? {
      do { _ = try body() } catch { return (error as? MixdownError)?.code }
      return nil
    }
    let plan = MixPlan(trackNames: ["a"])
    #expect(code { try Mixer(plan: MixPlan(), stemPaths: []) } == .invalidOption)
    #expect(code { try Mixer(plan: plan, stemPaths: ["a", "b"]) } == .plan)
    var wrong = plan
    wrong.tracks[0].pan = 2
    #expect(code { try Mixer(plan: wrong, stemPaths: ["a"]) } == .plan)
    #expect(
      code { try Mixer(plan: plan, stemPaths: ["a"], options: Self.options(.none, rate: 7999)) }
        == .invalidOption)
  }

  @Test func ditherHasNoRelationToTheSignal() {
    // The moments of the error of a rounder with triangular dither: mean 0, power 1/4 step², whatever the level.
    for level in [0, 0.1, 0.25, 0.5, 0.8] as [Float] {
      var dither = Dither()
      let count = 100_000
      var buffer = AudioBuffer(
        channelCount: 2, frameCount: count,
        samples: [Float](repeating: level / 32_768, count: 2 * count))
      dither.apply(to: &buffer)
      let errors = buffer.samples.map { Double($0 * 32_768 - level) }
      let mean = errors.reduce(0, +) / Double(errors.count)
      let power = errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
      #expect(abs(mean) < 0.006)
      #expect(abs(power - 0.25) < 0.004)
      #expect(buffer.samples.allSatisfy { ($0 * 32_768).rounded() == $0 * 32_768 })
    }
  }
}
