// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore
import Synchronization
import Testing

@testable import AutoMix

/// Rooms that are found again.
@Suite struct ReverbFitTests {
  private func room() -> Reverb {
    var room = Reverb()
    (room.decayLowSeconds, room.decayMidSeconds, room.decayHighSeconds) = (1.9, 1.2, 0.6)
    (room.crossoverLowHz, room.crossoverHighHz) = (300, 3000)
    room.preDelayMilliseconds = 45
    room.earlyDB = -3
    room.width = 0.7
    room.highPass = PassFilter(frequencyHz: 150)
    room.gainDB = -6
    return room
  }

  /// The largest relative error of the times of octaves that both have.
  private func largestError(_ fit: ReverbFit, from lowest: Double = 125) -> Double {
    var largest = 0.0
    for (measured, fitted) in zip(fit.measured.octaves, fit.fitted.octaves) {
      guard measured.centreHz >= lowest, let a = measured.time, let b = fitted.time else {
        continue
      }
      largest = max(largest, abs(b.seconds / a.seconds - 1))
    }
    return largest
  }

  @Test func ourOwnRoomIsRecovered() throws {
    let known = room()
    let response = try ImpulseResponse(
      Responses.own(known, seconds: 2), sampleRate: Responses.rate)
    #expect(!response.hadDirectSound)
    let fit = try ReverbFit(response)
    #expect(abs(fit.room.decayMidSeconds / 1.2 - 1) < 0.1)
    #expect(largestError(fit) < 0.1)
    #expect(fit.distanceDB < fit.standardDistanceDB / 4)
    #expect(abs(fit.room.preDelayMilliseconds - 45) < 5)
    #expect(abs(fit.room.gainDB + 6) < 1.5)
    var plan = MixPlan()
    plan.reverb = fit.room
    try plan.validate()
  }

  @Test func aRoomOfNoiseIsApproached() throws {
    let times = [1.6, 1.5, 1.3, 1.2, 1, 0.8, 0.6]
    let response = try ImpulseResponse(
      Responses.octaves(times, seconds: 2, preDelay: 0.02), sampleRate: Responses.rate)
    let fit = try ReverbFit(response)
    let (measured, fitted) = (try #require(fit.measured.mid), try #require(fit.fitted.mid))
    #expect(abs(fitted / measured - 1) < 0.1)
    #expect(largestError(fit) < 0.2)
    #expect(fit.distanceDB < 0.6 * fit.standardDistanceDB)
  }

  @Test func theSameSeedGivesTheSameRoom() throws {
    let response = try ImpulseResponse(
      Responses.noise(0.5, seconds: 0.7), sampleRate: Responses.rate)
    var options = ReverbFit.Options()
    (options.generationCount, options.populationCount, options.jobs) = (3, 8, 1)
    let steps = Mutex<[Int]>([])
    let first = try ReverbFit(
      response, options: options,
      report: { step in steps.withLock { $0.append(step.generation) } })
    #expect(steps.withLock { $0 } == [0, 1, 2, 3])
    options.jobs = 2
    #expect(try ReverbFit(response, options: options) == first)
    options.seed = 2
    #expect(try ReverbFit(response, options: options).room != first.room)
  }

  @Test func itCanBeCancelled() throws {
    let response = try ImpulseResponse(
      Responses.noise(0.5, seconds: 0.7), sampleRate: Responses.rate)
    #expect {
      try ReverbFit(response, isCancelled: { true })
    } throws: {
      ($0 as? AutoMixError)?.code == .cancelled
    }
    var options = ReverbFit.Options()
    options.populationCount = 2
    #expect(throws: AutoMixError.self) { try ReverbFit(response, options: options) }
  }

  @Test func aDirectSoundIsTakenAway() throws {
    var audio = Responses.noise(1, seconds: 1.2)
    let delay = 1000
    var samples = [Float](repeating: 0, count: 2 * (audio.frameCount + delay))
    for channel in 0..<2 {
      let start = channel * (audio.frameCount + delay) + delay
      for frame in 0..<audio.frameCount {
        samples[start + frame] = 0.2 * audio.samples[channel * audio.frameCount + frame]
      }
      samples[start] = 1
    }
    audio = AudioBuffer(
      channelCount: 2, frameCount: audio.frameCount + delay, samples: samples)
    let response = try ImpulseResponse(audio, sampleRate: Responses.rate)
    #expect(response.hadDirectSound)
    #expect(response.audio.frameCount == audio.frameCount - delay)
    #expect(response.audio.peak < 0.2)
  }

  @Test func whatIsNoResponseIsRefused() {
    for (frames, value) in [(100, Float(0.5)), (48_000, 0), (48_000, .nan)] {
      let buffer = AudioBuffer(
        channelCount: 1, frameCount: frames, samples: [Float](repeating: value, count: frames))
      #expect {
        try ImpulseResponse(buffer, sampleRate: 48_000)
      } throws: {
        ($0 as? AutoMixError)?.code == .invalidOption
      }
    }
  }
}
