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

  private func fine() -> FineLevels {
    var levels = FineLevels(sampleRate: Double(VocalSignals.rate))
    var copy = vocal
    copy.withStereoBlock { levels.process($0) }
    return levels
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
  /// is over it; then the gate of the range, which follows the mean, may let softer moments in.
  @Test func theRangeIsMonotoneInTheThreshold() throws {
    let levels = fine()
    #expect(abs(levels.range(nil).levelsLU - VocalSignals.meter(vocal).levelRangeLU) < 0.05)
    #expect(abs(levels.range(nil).loudnessLU - VocalSignals.meter(vocal).rangeLU) < 0.1)
    var compressor = Compressor()
    compressor.ratio = 4
    compressor.setTimes(crestDB: levels.crest.crestDB)
    var previous = Double.infinity
    for threshold in stride(from: 0.0, through: -48, by: -6) {
      compressor.thresholdDB = threshold
      var plan = MixPlan(trackNames: ["vocal"])
      plan.tracks[0].compressor = compressor
      let rendered = VocalSignals.meter(try VocalSignals.render(plan, [vocal])[0]).levelRangeLU
      #expect(rendered < previous + (threshold < -36 ? 0.4 : 0.05), "\(threshold)")
      #expect(abs(levels.range(compressor).levelsLU - rendered) < 0.5, "\(threshold)")
      previous = rendered
    }
  }
}
