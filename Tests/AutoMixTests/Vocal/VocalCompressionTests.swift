// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore
import Testing

@testable import AutoMix

/// The range of the vocal's levels.
@Suite struct VocalCompressionTests {
  private let vocal = VocalSignals.standardSinger
  private let backing = VocalSignals.standardBand

  private func fine(_ buffer: AudioBuffer) -> FineLevels {
    var levels = FineLevels(sampleRate: Double(VocalSignals.rate))
    var copy = buffer
    copy.withStereoBlock { levels.process($0) }
    return levels
  }

  private func voice() throws -> VoiceActivity {
    let stem = try StemAnalysis(vocal, sampleRate: VocalSignals.rate, name: "vocal")
    return VoiceActivity(stem.bands, backing: [], background: VoiceActivity.Background())
  }

  @Test(arguments: [9.0, 11, 14, 17])
  func theRenderedVocalHasTheRange(_ target: Double) throws {
    var targets = VocalTargets()
    targets.levelRangeDB = target
    let before = VocalSignals.meter(vocal).levelRangeLU
    #expect(before > 18)
    let plan = try VocalSignals.mix(vocal: vocal, backing: backing)
      .plan(targets: targets, advice: [.equalization, .compression])
    let compressor = try #require(plan.tracks[0].compressor)
    let tracks = try VocalSignals.render(plan, [vocal, backing])
    #expect(abs(VocalSignals.meter(tracks[0]).levelRangeLU - target) < 0.5)
    #expect(compressor.because["threshold"]?.contains("not reachable") == false)
  }

  @Test func theLoudnessRangeCanBeMeant() throws {
    // Ten seconds softly, ten seconds loudly.
    let soft = VocalSignals.singer(10, rangeDB: 6, gain: 0.1)
    let song = AudioBuffer.joining([soft, VocalSignals.singer(10, rangeDB: 6)], channelCount: 2)
    #expect(VocalSignals.meter(song).rangeLU > 15)
    var targets = VocalTargets()
    (targets.levelRangeDB, targets.usesLoudnessRange) = (10, true)
    let plan = try VocalSignals.mix(vocal: song, backing: backing)
      .plan(targets: targets, advice: [.compression])
    let tracks = try VocalSignals.render(plan, [song, backing])
    #expect(abs(VocalSignals.meter(tracks[0]).rangeLU - 10) < 0.5)
  }

  @Test func whatIsEvenStaysAsItIs() throws {
    let even = VocalSignals.singer(rangeDB: 3)
    let plan = try VocalSignals.mix(vocal: even, backing: backing).plan(advice: [.compression])
    #expect(plan.tracks[0].compressor == nil)
    #expect(plan.tracks[0].because["compressor"] != nil)
  }

  @Test func whatCannotBeReachedIsSaid() throws {
    var targets = VocalTargets()
    targets.levelRangeDB = 1
    let plan = try VocalSignals.mix(vocal: vocal, backing: backing)
      .plan(targets: targets, advice: [.compression])
    let compressor = try #require(plan.tracks[0].compressor)
    #expect(compressor.because["threshold"]?.contains("not reachable") == true)
    try plan.validate()
  }

  /// The envelope tells what the rendered track has, and a lower threshold does not widen the range until everything
  /// is over it; then attack and release may do so a little.
  @Test func theRangeIsMonotoneInTheThreshold() throws {
    let levels = fine(vocal)
    let counted = levels.counted(while: try voice())
    let before = levels.range(nil, over: counted)
    #expect(abs(before.levelsLU - VocalSignals.meter(vocal).levelRangeLU) < 0.05)
    #expect(abs(before.loudnessLU - VocalSignals.meter(vocal).rangeLU) < 0.1)
    var compressor = Compressor()
    compressor.ratio = 4
    compressor.setTimes(crestDB: levels.crestDB(meanLUFS: before.meanLUFS))
    var previous = Double.infinity
    for threshold in stride(from: 0.0, through: -48, by: -6) {
      compressor.thresholdDB = threshold
      var plan = MixPlan(trackNames: ["vocal"])
      plan.tracks[0].compressor = compressor
      let rendered = fine(try VocalSignals.render(plan, [vocal])[0]).range(nil, over: counted)
      #expect(
        rendered.levelsLU < previous + (threshold < -36 ? 0.4 : 0.05), "\(threshold)")
      let found = levels.range(compressor, over: counted)
      #expect(abs(found.levelsLU - rendered.levelsLU) < 0.5, "\(threshold)")
      previous = rendered.levelsLU
    }
  }

  // MARK: - Pauses in which something is heard

  /// The singer with the backing through a wall, or with noise, so many dB under the singing.
  private func take(bleedDB: Double? = nil, noiseDB: Double? = nil) -> AudioBuffer {
    var samples = vocal.samples
    func level(_ samples: [Float]) -> Float {
      (samples.reduce(0) { $0 + $1 * $1 } / Float(samples.count)).squareRoot()
    }
    let own = level(samples)
    if let bleedDB {
      let gain = Float(pow(10, bleedDB / 20)) * own / level(backing.samples)
      let other = backing.samples
      for i in samples.indices { samples[i] += gain * other[i] }
    }
    if let noiseDB {
      let noise = (0..<vocal.frameCount).map { Float(Signals.noise($0, seed: 77)) }
      let gain = Float(pow(10, noiseDB / 20)) * own / level(noise)
      for i in samples.indices { samples[i] += gain * noise[i % noise.count] }
    }
    return AudioBuffer(channelCount: 2, frameCount: vocal.frameCount, samples: samples)
  }

  /// Whether it sings in the tenths of a second that lie wholly in a phrase or in a pause; see ``VocalSignals``.
  private func confusions(_ activity: VoiceActivity) -> (missed: Int, invented: Int) {
    var (missed, invented) = (0, 0)
    for (frame, isSinging) in activity.frames.enumerated() {
      let time = (Double(frame) / 10).truncatingRemainder(dividingBy: 5)
      if time < 3.8, !isSinging { missed += 1 }
      if (4.1..<4.9).contains(time), isSinging { invented += 1 }
    }
    return (missed, invented)
  }

  @Test(arguments: [(-26.0, nil), (nil, -26), (-32, -40)] as [(Double?, Double?)])
  func pausesAreToldFromSinging(_ bleedDB: Double?, _ noiseDB: Double?) throws {
    let mix = try VocalSignals.mix(
      vocal: take(bleedDB: bleedDB, noiseDB: noiseDB), backing: backing)
    let activity = try VoiceActivity(
      mix.song.stems[0], in: mix.emptyPlan, song: mix.song, sources: mix.sources)
    #expect(activity.background.isHeard)
    let (missed, invented) = confusions(activity)
    // The softest of the syllables, over 24 dB, are no louder than what is heard in the pauses.
    #expect(missed < 50 && invented == 0, "\(missed), \(invented)")
  }

  @Test func aCleanTakeIsAllVoice() throws {
    let mix = try VocalSignals.mix(vocal: vocal, backing: backing)
    let activity = try VoiceActivity(
      mix.song.stems[0], in: mix.emptyPlan, song: mix.song, sources: mix.sources)
    #expect(!activity.background.isHeard)
    #expect(confusions(activity) == (0, 0))
  }

  /// A threshold of -57 dB and a ratio of 8 were found before pauses were told from singing.
  @Test(arguments: [(-26.0, nil), (nil, -26), (-26, -36)] as [(Double?, Double?)])
  func whatIsHeardInPausesIsNotCompressedFor(_ bleedDB: Double?, _ noiseDB: Double?) throws {
    let clean = try VocalSignals.mix(vocal: vocal, backing: backing).plan(advice: [.compression])
    let expected = try #require(clean.tracks[0].compressor)
    #expect(clean.tracks[0].gate == nil)
    let take = take(bleedDB: bleedDB, noiseDB: noiseDB)
    let plan = try VocalSignals.mix(vocal: take, backing: backing).plan(advice: [.compression])
    let compressor = try #require(plan.tracks[0].compressor)
    #expect(compressor.thresholdDB > expected.thresholdDB - 1)
    #expect(compressor.ratio <= expected.ratio)
    // The pauses come up by no more than the make-up, and by nothing where an expander could be set.
    let rendered = try VocalSignals.render(plan, [take, backing])[0]
    let (before, after) = (pauses(take), pauses(rendered))
    #expect(after - before < compressor.makeupDB + 0.1)
    if plan.tracks[0].gate != nil { #expect(after < before) }
    try plan.validate()
  }

  /// The level in the pauses in dB.
  private func pauses(_ buffer: AudioBuffer) -> Double {
    var (sum, count) = (0.0, 0.0)
    for frame in 0..<buffer.frameCount {
      let time = Double(frame) / Double(VocalSignals.rate)
      guard (4.3..<4.95).contains(time.truncatingRemainder(dividingBy: 5)) else { continue }
      sum += Double(buffer.samples[frame]) * Double(buffer.samples[frame])
      count += 1
    }
    return 10 * log10(sum / count)
  }
}
