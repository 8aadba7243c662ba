// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore
import Testing

@testable import VocalPreparation

@Suite struct PreparationTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  static let off = VocalPreparation.Options(
    latencySeconds: 0, noiseReductionDB: 0, bleedReductionDB: 0)

  func prepare(
    _ take: String, _ backing: String, _ options: VocalPreparation.Options = .init()
  ) throws(VocalPreparationError) -> VocalPreparation.Result {
    try VocalPreparation(options: options).prepare(
      vocal: take, backing: backing, to: place.path("out.wav"))
  }

  func failure(
    _ take: String, _ backing: String, _ options: VocalPreparation.Options = .init(),
    to output: String? = nil
  ) -> VocalPreparationError? {
    do throws(VocalPreparationError) {
      _ = try VocalPreparation(options: options).prepare(
        vocal: take, backing: backing, to: output ?? place.path("out.wav"))
      return nil
    } catch { return error }
  }

  @Test func everythingAtOnceAtDifferentRates() throws {
    let (rate, other) = (48_000, 44_100)
    let backing = Signals.backing(rate: other, seconds: 18)
    try place.write("backing.wav", rate: other, backing, backing)
    let voice = Signals.voice(
      rate: rate, seconds: 18, onsets: Signals.onsets(seconds: 18, seed: 7))
    let bleed = Signals.room(Signals.backing(rate: rate, seconds: 18), rate: rate, gain: 0.1)
    let take = Signals.delayed(
      Signals.sum(voice, bleed, Signals.noise(count: voice.count, level: 5e-4)), by: 0.137,
      rate: rate)
    try place.write("take.wav", rate: rate, take)
    let result = try prepare(
      place.path("take.wav"), place.path("backing.wav"), .init(tune: 0.5))
    // The room delays the bleed by 2 ms and more.
    #expect(abs(result.latencySeconds - 0.137) < 0.005)
    #expect(result.latencyConfidence > 0.5)
    let bleedDB = try #require(result.bleedDB)
    #expect(-26 < bleedDB && bleedDB < -14)
    #expect(result.key != nil)
    #expect(result.meanCorrectionCents != nil)
    #expect(result.because.count == 4)
    let output = try place.read("out.wav")
    #expect(output.rate == rate && output.channels == 1)
    #expect(output.left.count == result.frameCount)
    #expect(result.frameCount == take.count - Int((result.latencySeconds * 48_000).rounded()))
    #expect(place.names == ["backing.wav", "out.wav", "take.wav"])
    // The same again gives the same bytes.
    let first = try Data(contentsOf: place.folder.appending(path: "out.wav"))
    #expect(
      try prepare(place.path("take.wav"), place.path("backing.wav"), .init(tune: 0.5)) == result)
    #expect(try Data(contentsOf: place.folder.appending(path: "out.wav")) == first)
  }

  @Test func withEverythingOffTheBitsStay() throws {
    let left = Signals.voice(
      rate: 44_100, seconds: 3, onsets: Signals.onsets(seconds: 3, seed: 7))
    let right = Signals.noise(count: left.count, level: 0.1)
    try place.write("take.wav", rate: 44_100, left, right)
    try place.write("backing.wav", rate: 44_100, Signals.backing(rate: 44_100, seconds: 3))
    let result = try prepare(place.path("take.wav"), place.path("backing.wav"), Self.off)
    let output = try place.read("out.wav")
    #expect(output.left == left && output.right == right && output.channels == 2)
    #expect(result.meanCorrectionCents == nil && result.key == nil)
    #expect(result.latencySeconds == 0 && result.latencyConfidence == 1)
  }

  @Test(arguments: [0.25, -0.25]) func aGivenLatencyMovesTheTake(_ seconds: Double) throws {
    let take = Signals.tone(rate: 16_000, seconds: 1) { _ in 300 }
    try place.write("take.wav", rate: 16_000, take)
    try place.write("backing.wav", rate: 16_000, Signals.backing(rate: 16_000, seconds: 1))
    var options = Self.off
    options.latencySeconds = seconds
    _ = try prepare(place.path("take.wav"), place.path("backing.wav"), options)
    #expect(
      try place.read("out.wav").left == Signals.delayed(take, by: -seconds, rate: 16_000))
  }

  @Test func anUnrelatedBackingLeavesTheTakeInPlaceAndSaysSo() throws {
    try place.write("take.wav", rate: 22_050, Signals.noise(count: 220_500, level: 0.1))
    try place.write("backing.wav", rate: 22_050, Signals.backing(rate: 22_050, seconds: 10))
    let result = try prepare(place.path("take.wav"), place.path("backing.wav"))
    #expect(result.latencySeconds == 0 && result.latencyConfidence < 0.5)
    #expect(result.warnings.count == 1)
    #expect(result.noiseFloorDB == nil && result.bleedDB == nil)
  }

  @Test func silenceIsWrittenWithAWarning() throws {
    let silence = [Float](repeating: 0, count: 44_100)
    try place.write("silence.wav", rate: 44_100, silence)
    try place.write("sound.wav", rate: 44_100, Signals.backing(rate: 44_100, seconds: 1))
    var result = try prepare(
      place.path("silence.wav"), place.path("sound.wav"), .init(tune: 1))
    #expect(result.warnings.contains { $0.contains("the take is silent") })
    #expect(try place.read("out.wav").left == silence)
    result = try prepare(place.path("sound.wav"), place.path("silence.wav"), .init(tune: 1))
    #expect(result.warnings.contains { $0.contains("the backing is silent") })
    #expect(result.frameCount == 44_100 && result.key == nil)
  }

  @Test func whatIsNotANumberCountsAsSilence() throws {
    var take = Signals.voice(
      rate: 44_100, seconds: 3, onsets: Signals.onsets(seconds: 3, seed: 7))
    take[1_000] = .nan
    take[2_000] = .infinity
    try place.write("backing.wav", rate: 44_100, Signals.backing(rate: 44_100, seconds: 3))
    // The writer writes NaN as 0: the bytes are put in afterwards.
    try place.write("take.wav", rate: 44_100, take)
    let file = place.folder.appending(path: "take.wav")
    var data = try Data(contentsOf: file)
    let start = data.count - 4 * take.count
    for frame in [1_000, 2_000] {
      data.replaceSubrange(start + 4 * frame..<start + 4 * frame + 4, with: [0, 0, 0xC0, 0x7F])
    }
    try data.write(to: file)
    let result = try prepare(file.path, place.path("backing.wav"), .init(tune: 1))
    #expect(result.warnings.contains { $0.contains("2 samples that are not a number") })
    #expect(try place.read("out.wav").left.allSatisfy(\.isFinite))
  }

  @Test func shortAndLongAndMissingTakesAreRefused() throws {
    try place.write("backing.wav", rate: 8_000, Signals.backing(rate: 8_000, seconds: 1))
    let backing = place.path("backing.wav")
    try place.write("short.wav", rate: 8_000, Signals.noise(count: 799, level: 0.1))
    #expect(failure(place.path("short.wav"), backing)?.code == .input)
    try place.write("least.wav", rate: 8_000, Signals.noise(count: 800, level: 0.1))
    #expect(failure(place.path("least.wav"), backing, .init(tune: 1)) == nil)
    try place.write("long.wav", rate: 8_000, [Float](repeating: 0, count: 8_000 * 1_800 + 1))
    let error = try #require(failure(place.path("long.wav"), backing))
    #expect(error.code == .limit && error.message.contains("30 minutes"))
    #expect(failure(place.path("none.wav"), backing)?.code == .input)
    #expect(failure(backing, place.path("none.wav"))?.code == .input)
    #expect(failure(backing, backing, to: place.path("no/out.wav"))?.code == .output)
    try FileManager.default.removeItem(atPath: place.path("out.wav"))
    #expect(place.names == ["backing.wav", "least.wav", "long.wav", "short.wav"])
  }

  @Test func optionsOutOfRangeAreRefused() throws {
    let file = try place.write("a.wav", rate: 8_000, Signals.backing(rate: 8_000, seconds: 1))
    for options: VocalPreparation.Options in [
      .init(latencySeconds: .nan), .init(latencySeconds: 61), .init(latencySeconds: 1),
      .init(noiseReductionDB: -1), .init(bleedReductionDB: 41), .init(tune: 1.1),
      .init(tune: .nan), .init(retuneMilliseconds: 0),
    ] {
      #expect(failure(file, file, options)?.code == .invalidOption, "\(options)")
    }
    #expect(failure(file, file, to: file)?.code == .invalidOption)
    try FileManager.default.createSymbolicLink(
      atPath: place.path("link.wav"), withDestinationPath: file)
    #expect(failure(file, file, to: place.path("link.wav"))?.code == .invalidOption)
    #expect(place.names == ["a.wav", "link.wav"])
  }

  @Test func aCancelledTaskLeavesNothing() async throws {
    let take = Signals.voice(
      rate: 44_100, seconds: 20, onsets: Signals.onsets(seconds: 20, seed: 7))
    try place.write("take.wav", rate: 44_100, take)
    try place.write("backing.wav", rate: 44_100, Signals.backing(rate: 44_100, seconds: 20))
    let (vocal, backing) = (place.path("take.wav"), place.path("backing.wav"))
    let output = place.path("out.wav")
    let task = Task {
      try await VocalPreparation(options: .init(tune: 1)).preparing(
        vocal: vocal, backing: backing, to: output)
    }
    task.cancel()
    await #expect { try await task.value } throws: {
      ($0 as? VocalPreparationError)?.code == .cancelled
    }
    #expect(place.names == ["backing.wav", "take.wav"])
    let result = try await VocalPreparation().preparing(
      vocal: vocal, backing: backing, to: output)
    #expect(result.frameCount > 0)
  }

  @Test func cancellingInTheMiddleOfAStepEndsIt() throws {
    let take = Signals.voice(
      rate: 44_100, seconds: 4, onsets: Signals.onsets(seconds: 4, seed: 7))
    try place.write("take.wav", rate: 44_100, take)
    let file = place.path("take.wav")
    for step in VocalPreparation.Progress.Step.allCases {
      let signal = CancellationSignal()
      #expect(throws: VocalPreparationError.self) {
        try VocalPreparation(options: .init(tune: 1)).prepare(
          vocal: file, backing: file, to: place.path("out.wav"),
          isCancelled: { signal.isCancelled }
        ) { if $0.step == step { signal.cancel() } }
      }
      #expect(place.names == ["take.wav"])
    }
  }
}
