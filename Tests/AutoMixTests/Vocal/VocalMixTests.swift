// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore
import Testing

@testable import AutoMix

/// Vocals over a backing track.
@Suite struct VocalMixTests {
  private let vocal = VocalSignals.standardSinger
  private let backing = VocalSignals.standardBand

  @Test(arguments: [-8.0, -3, 0, 4])
  func theProcessedVocalStandsWhereItShould(_ target: Double) throws {
    var targets = VocalTargets()
    targets.loudnessLU = target
    let plan = try VocalSignals.mix(vocal: vocal, backing: backing).plan(targets: targets)
    let tracks = try VocalSignals.render(plan, [vocal, backing])
    let distance =
      VocalSignals.meter(tracks[0]).integratedLUFS - VocalSignals.meter(tracks[1]).integratedLUFS
    #expect(abs(distance - target) < 0.2)
    #expect(plan.tracks[1].gainDB == 0)
    #expect(plan.tracks[0].highPass != nil && plan.tracks[0].compressor != nil)
    #expect(plan.master.loudnessLUFS == -14)
    try plan.validate()
  }

  @Test(arguments: [0.05, 3])
  func theGainOfARecordingDoesNotMatter(_ gain: Double) throws {
    let expected = try VocalSignals.mix(vocal: vocal, backing: backing).plan()
    let other = VocalSignals.singer(gain: gain)
    let plan = try VocalSignals.mix(vocal: other, backing: backing).plan()
    let tracks = try VocalSignals.render(plan, [other, backing])
    let distance =
      VocalSignals.meter(tracks[0]).integratedLUFS - VocalSignals.meter(tracks[1]).integratedLUFS
    #expect(abs(distance + 3) < 0.2)
    #expect(abs(VocalSignals.meter(tracks[0]).levelRangeLU - 14) < 0.5)
    #expect(plan.tracks[0].equalizer.map(\.gainDB) == expected.tracks[0].equalizer.map(\.gainDB))
  }

  @Test func askingAgainChangesLittle() throws {
    let mix = try VocalSignals.mix(vocal: vocal, backing: backing)
    let once = try mix.plan()
    let twice = try mix.plan(once)
    #expect(abs(once.tracks[0].gainDB - twice.tracks[0].gainDB) < 1)
    #expect(twice.tracks.allSatisfy { $0.equalizer.count <= 4 })
    try twice.validate()
  }

  @Test func filesAndSamplesGiveTheSamePlan() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "vocal-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, buffer) in [("v.wav", vocal), ("b.wav", backing)] {
      let writer = try AudioWriter(
        path: folder.appending(path: name).path, format: .wavFloat32,
        sampleRate: VocalSignals.rate, channelCount: 2)
      try writer.write(buffer)
      try writer.finish()
    }
    let fromFiles = try VocalMix(
      vocalPath: folder.appending(path: "v.wav").path,
      backingPath: folder.appending(path: "b.wav").path
    ).plan()
    #expect(try VocalSignals.mix(vocal: vocal, backing: backing).plan() == fromFiles)
  }

  @Test func aMissingFileIsAnError() throws {
    let mix = try VocalSignals.mix(vocal: vocal, backing: backing)
    let gone = VocalMix(
      song: mix.song,
      sources: StemSources([
        VocalAdvice.vocal: .file(path: "/nonexistent/v.wav"),
        VocalAdvice.backing: .samples(backing, sampleRate: VocalSignals.rate),
      ]))
    #expect(throws: AutoMixError.self) { try gone.plan() }
    let asAdvisor = VocalLevel(sources: gone.sources).advise(gone.emptyPlan, for: gone.song)
    #expect(asAdvisor.tracks[0].gainDB == 0)
    #expect(asAdvisor.tracks[0].because["vocal"] != nil)
  }

  @Test func silenceIsLeftAlone() throws {
    let silence = AudioBuffer(channelCount: 2, frameCount: 5 * VocalSignals.rate)
    let plan = try VocalSignals.mix(vocal: silence, backing: backing).plan()
    #expect(plan.tracks.allSatisfy { $0.gainDB == 0 && $0.compressor == nil })
    let alone = try VocalSignals.mix(vocal: vocal, backing: silence).plan()
    #expect(alone.tracks[0].gainDB == 0)
  }

  @Test func theGuideStandsUnderTheVocal() throws {
    let guide = VocalSignals.singer(gain: 2)
    let plan = try VocalSignals.mix(vocal: vocal, backing: backing, guide: guide).plan()
    let tracks = try VocalSignals.render(plan, [vocal, backing, guide])
    let loudness = tracks.map { VocalSignals.meter($0).integratedLUFS }
    #expect(abs(loudness[2] - loudness[0] + 18) < 0.3)
    #expect(abs(loudness[0] - loudness[1] + 3) < 0.2)
    #expect(plan.tracks[2].compressor == nil && plan.tracks[2].reverbSendDB == nil)
  }

  @Test func theRoomFollowsTheTempo() throws {
    #expect(abs(VocalReverb.decaySeconds(tempo: 120) - 1.778) < 0.001)
    #expect(abs(VocalReverb.decaySeconds(tempo: 180) - 0.444) < 0.001)
    #expect(VocalReverb.decaySeconds(tempo: 40) == 3.1)
    #expect(VocalReverb.decaySeconds(tempo: 300) == 0.3)
    let mix = try VocalSignals.mix(vocal: vocal, backing: backing)
    let plan = try mix.plan(advice: [.reverb])
    let tempo = try #require(mix.song.backingTempo)
    let room = try #require(plan.reverb)
    #expect(abs(room.decayMidSeconds - VocalReverb.decaySeconds(tempo: tempo)) < 0.01)
    #expect(plan.tracks[0].reverbSendDB == -14)
    #expect(plan.tracks[1].reverbSendDB == nil)
    var targets = VocalTargets()
    targets.decaySeconds = 0.8
    #expect(try mix.plan(targets: targets, advice: [.reverb]).reverb?.decayMidSeconds == 0.8)
  }

  @Test func duckingIsBoundedAndSlow() throws {
    let plan = try VocalSignals.mix(vocal: vocal, backing: backing).plan(advice: [.ducking])
    let tracks = try VocalSignals.render(plan, [vocal, backing])
    let length = VocalSignals.rate / 10
    func gain(_ time: Double) -> Double {
      let start = Int(time * Double(VocalSignals.rate))
      func power(_ buffer: AudioBuffer) -> Double {
        buffer.samples[start..<start + length].reduce(0) { $0 + Double($1) * Double($1) }
      }
      return 10 * log10(power(tracks[1]) / power(backing))
    }
    // Phrases last from 0 to 4 s, 5 to 9 s and so on.
    let gains = stride(from: 0, to: 19.8, by: 0.1).map(gain)
    #expect(gains.allSatisfy { (-1.51...0.01).contains($0) })
    let singing = gains[60...89]
    #expect(singing.allSatisfy { $0 < -0.8 })
    // It hardly moves with the syllables, whose levels range over 24 dB, nor jumps between them.
    #expect((singing.max() ?? 0) - (singing.min() ?? 0) < 0.7)
    #expect(zip(gains, gains.dropFirst()).allSatisfy { abs($0 - $1) < 0.9 })
    #expect(gain(9.9) > -1)
  }

  @Test func harmoniesOfTheirOwnAreNotDucked() throws {
    let harmony = try StemAnalysis(
      VocalSignals.singer(), sampleRate: VocalSignals.rate, name: "harmony")
    let mix = try VocalSignals.mix(vocal: vocal, backing: backing)
    let song = AnalysedStems(mix.song.stems + [harmony])
    var plan = mix.emptyPlan
    plan.tracks.append(Track(name: "harmony"))
    plan = VocalDucking().advise(plan, for: song)
    #expect(plan.tracks[1].compressor != nil)
    #expect(plan.tracks[2].compressor == nil)
  }
}
