// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Testing

@testable import AutoMix
@testable import MixCore

/// What stems are, by their sound.
@Suite struct StemKindClassifierTests {
  /// The signal of the same seed in Training/stem_kind/train.py.
  private func series(seed: Int) -> SpectralSeries {
    var state = UInt32(seed)
    var series = SpectralSeries()
    series.frameCount = 60
    for frame in 0..<60 {
      var values: [Double] = []
      for _ in 0..<140 {
        state = state &* 1_664_525 &+ 1_013_904_223
        values.append(Double(state >> 8) / Double(1 << 24))
      }
      for band in 0..<128 {
        let fall = band * seed / 40 + frame * 3 % (5 * seed) / 4
        let power = (values[band] + 0.125) * pow(2, -Double(fall))
        series.melPowers.append((20..<25).contains(frame) ? 0 : Float(power))
      }
      series.chroma += values[128...].map(Float.init)
    }
    return series
  }

  @Test(arguments: StemKindFixture.cases)
  func descriptorAndProbabilitiesAreThoseOfTheTraining(fixture: StemKindFixture.Case) throws {
    let descriptor = try #require(SoundDescriptor(series(seed: fixture.seed)))
    #expect(descriptor.values.count == SoundDescriptor.count)
    for (value, expected) in zip(descriptor.values, fixture.descriptor) {
      #expect(abs(value - expected) < 1e-6 * max(1, abs(expected)))
    }
    let probabilities = StemKindClassifier.probabilities(of: descriptor)
    #expect(probabilities.count == fixture.probabilities.count)
    for (value, expected) in zip(probabilities, fixture.probabilities) {
      #expect(abs(value - expected) < 1e-6)
    }
  }

  @Test func theTableIsWhole() {
    #expect(StemKindTable.means.count == SoundDescriptor.count)
    #expect(StemKindTable.scales.count == SoundDescriptor.count)
    #expect(StemKindTable.scales.allSatisfy { $0 > 0 })
    #expect(StemKindTable.weights.count == SoundDescriptor.count * StemKindTable.kinds.count)
    #expect(StemKindTable.biases.count == StemKindTable.kinds.count)
  }

  @Test func whatIsNotLikelyEnoughIsOther() {
    // Drums, kick, bass, vocals, other.
    #expect(StemKindClassifier.kind([0.1, 0.05, 0.05, 0.75, 0.05]) == .vocals)
    #expect(StemKindClassifier.kind([0.1, 0.05, 0.2, 0.45, 0.2]) == .other)
    #expect(StemKindClassifier.kind([0.35, 0.4, 0.1, 0.1, 0.05]) == .drums)
    #expect(StemKindClassifier.kind([0.1, 0.8, 0.05, 0.05, 0]) == .kick)
  }

  /// A bass drum, a snare and hats at 120 beats per minute.
  private static func drumLoop(gain: Double = 1) -> AudioBuffer {
    var (previous, before) = (0.0, 0.0)
    return Signals.stereo(8) { time, frame in
      let beat = time.truncatingRemainder(dividingBy: 1)
      let half = (time + 0.5).truncatingRemainder(dividingBy: 1)
      let eighth = time.truncatingRemainder(dividingBy: 0.25)
      let noise = Signals.noise(frame)
      // The second difference of noise is bright.
      let bright = noise - 2 * previous + before
      (previous, before) = (noise, previous)
      let turns: Double = 50 * beat + 5 * (1 - exp(-beat * 30))
      let kick: Double = exp(-beat * 14) * sin(2 * Double.pi * turns)
      let skin: Double = sin(2 * Double.pi * 190 * half)
      let snare: Double = exp(-half * 22) * (0.6 * noise + 0.4 * skin)
      let hat = exp(-eighth * 60) * bright
      return gain * (0.7 * kick + 0.4 * snare + 0.06 * hat)
    }
  }

  /// Notes of a bass guitar: harmonics that die away, a new note every half second.
  private static func bassLine(gain: Double = 1) -> AudioBuffer {
    Signals.stereo(8) { time, _ in
      let place = Int(time * 2)
      let pitch = [41.2, 55, 49, 61.7][place % 4]
      let phase = time - Double(place) / 2
      var sum = 0.0
      for k in 1...8 {
        let loud: Double = exp(-phase * (1.5 + Double(k))) / Double(k * k)
        let angle: Double = 2 * Double.pi * pitch * Double(k) * phase
        sum += loud * sin(angle)
      }
      return gain * 0.4 * min(1, phase * 200) * sum
    }
  }

  @Test func drumsBassAndTonesAreTold() throws {
    #expect(try Signals.analysis("Audio 1", Self.drumLoop()).kind == .drums)
    #expect(try Signals.analysis("Audio 2", Self.bassLine()).kind == .bass)
    #expect(try Signals.analysis("Audio 3", Signals.pad()).kind == .other)
  }

  @Test(arguments: [-60.0, -20, 6])
  func theGainChangesNothing(decibels: Double) throws {
    let gain = Decibels.amplitude(decibels)
    for make in [Self.drumLoop, Self.bassLine] {
      let loud = try descriptor(make(1))
      let soft = try descriptor(make(gain))
      for (a, b) in zip(loud.values, soft.values) { #expect(abs(a - b) < 1e-2 * max(1, abs(a))) }
    }
  }

  @Test func silenceAroundItChangesLittle() throws {
    let loop = Self.drumLoop()
    // 860 hops, so that the frames lie as before.
    let silence = AudioBuffer(channelCount: 2, frameCount: 860 * 1024)
    let channels = (0..<2).map { channel in
      let start = channel * loop.frameCount
      let samples = loop.samples[start..<start + loop.frameCount]
      let rest = silence.samples.prefix(silence.frameCount)
      return Array(rest) + Array(samples) + Array(rest)
    }
    let padded = AudioBuffer(
      channelCount: 2, frameCount: loop.frameCount + 2 * silence.frameCount,
      samples: Array(channels.joined()))
    let (short, long) = (try descriptor(loop), try descriptor(padded))
    // The steps at both ends count too.
    for (a, b) in zip(short.values, long.values) { #expect(abs(a - b) < 0.1 * max(1, abs(a))) }
    #expect(try Signals.analysis("Audio 1", padded).kind == .drums)
  }

  @Test func silenceAndClicksAreOther() throws {
    let silence = Signals.stereo(5) { _, _ in 0 }
    #expect(try Signals.analysis("Audio 1", silence).kind == .other)
    let hiss = Signals.stereo(5) { _, frame in 1e-5 * Signals.noise(frame) }
    #expect(try Signals.analysis("Audio 1", hiss).kind == .other)
    let click = Signals.stereo(5) { _, frame in frame == 1000 ? 0.9 : 0 }
    #expect(try Signals.analysis("Audio 1", click).kind == .other)
  }

  @Test func aNameThatSaysSomethingCounts() throws {
    let named = try Signals.analysis("Lead Vox", Self.drumLoop())
    #expect(named.kind == .vocals && named.kindIsFromName)
    let unnamed = try Signals.analysis("Audio 1", Self.drumLoop())
    #expect(!unnamed.kindIsFromName)
    #expect(unnamed.features.spectrum.series == nil)
  }

  private func descriptor(_ buffer: AudioBuffer) throws -> SoundDescriptor {
    let resampler = try Resampler(
      inputRate: Signals.rate, outputRate: SpectralFeatureExtractor.sampleRate, channelCount: 1,
      quality: .high)
    let extractor = SpectralFeatureExtractor(keepsSeries: true)
    let mono = AudioBuffer(
      channelCount: 1, frameCount: buffer.frameCount,
      samples: Array(buffer.samples.prefix(buffer.frameCount)))
    resampler.process(mono).withChannel(0, extractor.process)
    resampler.finish().withChannel(0, extractor.process)
    return try #require(extractor.finish().series.flatMap(SoundDescriptor.init))
  }
}
