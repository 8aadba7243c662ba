// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore
import Testing

@testable import AutoMix

/// What advisors propose.
@Suite struct AdvisorTests {
  private static let names = ["drums", "bass", "pad", "vocals"]

  private func plan(_ song: AnalysedStems, _ advice: [Advice] = Advice.allCases) -> MixPlan {
    Advice.plan(MixPlan(trackNames: song.stems.map(\.name)), for: song, advice: advice)
  }

  /// How loud each stem is in the mix, in LUFS, against the mean of all.
  private func balance(_ song: AnalysedStems, _ plan: MixPlan) -> [String: Double] {
    var levels: [String: Double] = [:]
    for stem in song.stems {
      if let track = plan.tracks.first(where: { $0.name == stem.name }) {
        levels[stem.name] = stem.loudnessLUFS + track.gainDB
      }
    }
    let mean = levels.values.reduce(0, +) / Double(levels.count)
    return levels.mapValues { $0 - mean }
  }

  @Test func rulesPutEveryKindAtItsPlace() throws {
    let song = try Signals.band()
    let balance = balance(song, plan(song, [.rules]))
    let drums = try #require(balance["drums"])
    let bass = try #require(balance["bass"])
    // The pad never gets softer, which costs up to 1 dB.
    let pad = try #require(balance["pad"])
    #expect(abs(bass - drums - 0.5) < 1)
    #expect((-1.6...0).contains(pad - drums))
    let vocals = try #require(balance["vocals"])
    #expect((1...3).contains(vocals - drums))
  }

  @Test func theGainOfARecordingDoesNotMatter() throws {
    let reference = try Signals.band()
    let expected = balance(reference, plan(reference))
    for name in Self.names {
      for change in [0.1, 10.0] {
        let song = try Signals.band([name: change])
        let found = balance(song, plan(song))
        for (stem, level) in found {
          #expect(abs(level - (expected[stem] ?? 99)) < 0.2, "\(stem), \(name) × \(change)")
        }
      }
    }
  }

  /// Most of it is soft, and would fall under -70 LUFS when it is recorded 40 dB softer.
  @Test func theGainOfASparseRecordingDoesNotMatter() throws {
    func song(_ gain: Double) throws -> AnalysedStems {
      let sparse = Signals.stereo(12) { time, frame in
        let level = time < 1.5 ? 0.5 : 0.004
        return gain * level * (sin(2 * .pi * 440 * time) + 0.2 * Signals.noise(frame, seed: 3))
      }
      return AnalysedStems([
        try Signals.analysis("drums", Signals.drums()), try Signals.analysis("pad", sparse),
        try Signals.analysis("vocals", Signals.vocals()),
      ])
    }
    let (reference, soft) = (try song(1), try song(0.01))
    let (a, b) = (plan(reference), plan(soft))
    let expected = balance(reference, a)
    for (name, level) in balance(soft, b) { #expect(abs(level - (expected[name] ?? 99)) < 0.05) }
    #expect(a.tracks[1].compressor?.ratio == b.tracks[1].compressor?.ratio)
    #expect(a.tracks[1].equalizer.map(\.gainDB) == b.tracks[1].equalizer.map(\.gainDB))
  }

  @Test func tracesOfASeparationAreKnown() throws {
    let song = AnalysedStems([
      try Signals.analysis("drums", Signals.drums()),
      try Signals.analysis(
        "vocals", Signals.stereo(6) { 0.003 * Signals.noise($1, seed: UInt64($0)) }),
      try Signals.analysis("bass", AudioBuffer(channelCount: 2, frameCount: 6 * Signals.rate)),
    ])
    #expect(song.traces == ["vocals"])
    let plan = Advice.plan(
      MixPlan(trackNames: ["drums", "vocals"]), for: song.without(song.traces))
    #expect(plan.tracks[1] == Track(name: "vocals"))
  }

  @Test func theOrderOfTheStemsDoesNotMatter() throws {
    let song = try Signals.band()
    let other = AnalysedStems(song.stems.reversed())
    let (a, b) = (plan(song), plan(other))
    for track in a.tracks {
      let twin = try #require(b.tracks.first { $0.name == track.name })
      #expect(abs(track.gainDB - twin.gainDB) < 1e-9)
      #expect(track.pan == twin.pan)
      #expect(track.equalizer == twin.equalizer)
      #expect(track.compressor == twin.compressor)
      #expect(track.reverbSendDB == twin.reverbSendDB)
    }
  }

  @Test func silenceAddedDoesNotMatter() throws {
    let song = try Signals.band()
    let silence = AudioBuffer(channelCount: 2, frameCount: 30 * Signals.rate)
    let longer = AnalysedStems([
      try Signals.analysis("drums", .joining([Signals.drums(), silence], channelCount: 2)),
      try Signals.analysis("bass", .joining([Signals.bass(), silence], channelCount: 2)),
      try Signals.analysis("pad", .joining([Signals.pad(), silence], channelCount: 2)),
      try Signals.analysis("vocals", .joining([Signals.vocals(), silence], channelCount: 2)),
    ])
    let (a, b) = (plan(song), plan(longer))
    let expected = balance(song, a)
    for (name, level) in balance(longer, b) {
      #expect(abs(level - (expected[name] ?? 99)) < 0.2, "\(name)")
    }
    for (a, b) in zip(a.tracks, b.tracks) {
      #expect((a.compressor == nil) == (b.compressor == nil))
      guard let a = a.compressor, let b = b.compressor else { continue }
      #expect(abs(a.thresholdDB - b.thresholdDB) < 0.2)
      #expect(abs(a.makeupDB - b.makeupDB) < 0.2)
      #expect(abs(a.attackMilliseconds / b.attackMilliseconds - 1) < 0.05)
    }
  }

  @Test func theGainOfAllRecordingsDoesNotMatter() throws {
    let reference = try Signals.band()
    let expected = balance(reference, plan(reference))
    for change in [0.01, 0.1, 10] {
      let song = try Signals.band(
        Dictionary(uniqueKeysWithValues: Self.names.map { ($0, change) }))
      for (stem, level) in balance(song, plan(song)) {
        #expect(abs(level - (expected[stem] ?? 99)) < 0.05, "\(stem), × \(change)")
      }
    }
  }

  @Test func whatIsOddAboutStemsIsKnown() throws {
    let parts = [Signals.drums(), Signals.bass(gain: 0.4), Signals.vocals()]
    var sum = parts[0]
    for part in parts[1...] {
      for index in sum.samples.indices { sum.samples[index] += part.samples[index] }
    }
    let song = AnalysedStems([
      try Signals.analysis("drums", parts[0]), try Signals.analysis("bass", parts[1]),
      try Signals.analysis("vocals", parts[2]), try Signals.analysis("mix", sum),
    ])
    #expect(song.sums == ["mix"])
    #expect(song.sameStems.isEmpty)
    #expect(try Signals.band().sums.isEmpty)
    let twins = AnalysedStems([
      try Signals.analysis("a", parts[1]), try Signals.analysis("b", parts[1]),
      try Signals.analysis("c", parts[0]), try Signals.analysis("d", parts[1]),
    ])
    #expect(twins.sameStems == [["a", "b", "d"]])
    #expect(twins.sums.isEmpty)
  }

  /// Parts that have half of their power in common, as the reverb of one microphone in another has.
  @Test func aSumOfPartsThatHaveMuchInCommonIsKnown() throws {
    let (drums, vocals, common) = (Signals.drums(), Signals.vocals(), Signals.bass())
    var (a, b, sum) = (drums, vocals, drums)
    for index in a.samples.indices {
      a.samples[index] += common.samples[index]
      b.samples[index] += common.samples[index]
      sum.samples[index] = a.samples[index] + b.samples[index]
    }
    let song = AnalysedStems([
      try Signals.analysis("a", a), try Signals.analysis("b", b), try Signals.analysis("mix", sum),
    ])
    #expect(song.sums == ["mix"])
  }

  @Test func severalStemsOfAKindShareItsPlace() throws {
    var stems = [try Signals.analysis("vocals", Signals.vocals())]
    for index in 1...4 {
      stems.append(try Signals.analysis("drums \(index)", Signals.drums()))
    }
    let song = AnalysedStems(stems)
    let plan = plan(song, [.rules])
    let one = song.stems[1].loudnessLUFS + plan.tracks[1].gainDB
    let vocals = song.stems[0].loudnessLUFS + plan.tracks[0].gainDB
    // Four that have nothing in common are 6 dB louder than one.
    #expect(abs(one + 6.02 - (vocals - 2)) < 1.1)
  }

  @Test func whatIsCoveredIsRaised() throws {
    // Two pads in the same octaves cover each other; the bass has its own.
    let song = AnalysedStems([
      try Signals.analysis("pad a", Signals.pad()), try Signals.analysis("pad b", Signals.pad()),
      try Signals.analysis("bass", Signals.bass()),
    ])
    let before = plan(song, [.rules])
    let after = plan(song, [.rules, .context])
    #expect(after.tracks[0].gainDB > before.tracks[0].gainDB)
    #expect(after.tracks[2].gainDB < before.tracks[2].gainDB)
    for (old, new) in zip(before.tracks, after.tracks) {
      #expect(abs(old.gainDB - new.gainDB) <= 3.000_001)
    }
  }

  @Test func lowsAndLeadStayInTheMiddle() throws {
    func mono(_ frequency: Double, _ name: String) throws -> StemAnalysis {
      try Signals.analysis(
        name, Signals.stereo(4) { time, _ in 0.2 * sin(2 * .pi * frequency * time) })
    }
    let song = AnalysedStems([
      try mono(60, "bass"), try mono(440, "vocals"), try mono(600, "guitar"),
      try mono(620, "piano"),
    ])
    let plan = plan(song, [.panning])
    #expect(plan.tracks[0].pan == 0 && plan.tracks[1].pan == 0)
    #expect(plan.tracks[2].pan * plan.tracks[3].pan < 0)
    #expect(plan.tracks.allSatisfy { abs($0.pan) <= 0.6 })
  }

  @Test func maskingIsCutWhereItMattersLess() throws {
    // The noise lies on the tone of the vocals at 1 kHz, but is itself mostly elsewhere.
    let masker = Signals.stereo(6) { time, frame in
      0.4 * sin(2 * .pi * 120 * time) + 0.4 * sin(2 * .pi * 240 * time)
        + 0.4 * sin(2 * .pi * 480 * time) + 0.25 * sin(2 * .pi * 1010 * time)
    }
    let song = AnalysedStems([
      try Signals.analysis("guitar", masker),
      try Signals.analysis(
        "vocals", Signals.stereo(6) { time, _ in 0.1 * sin(2 * .pi * 1000 * time) }),
    ])
    let plan = plan(song, [.masking])
    let band = try #require(plan.tracks[0].equalizer.first)
    #expect(band.frequencyHz == 1000)
    #expect((-6 ... -0.75).contains(band.gainDB))
    #expect(plan.tracks[1].equalizer.isEmpty)
  }

  @Test func whatHasRangeIsCompressedAndNothingElse() throws {
    // Half of it 16 dB softer.
    let uneven = Signals.stereo(12) { time, _ in
      let level = time.truncatingRemainder(dividingBy: 2) < 1 ? 0.5 : 0.08
      return level * sin(2 * .pi * 300 * time)
    }
    let song = AnalysedStems([
      try Signals.analysis("guitar", uneven), try Signals.analysis("piano", Signals.pad()),
    ])
    let plan = plan(song, [.compression])
    let compressor = try #require(plan.tracks[0].compressor)
    #expect(plan.tracks[1].compressor == nil)
    #expect(compressor.makeupDB > 0)
    try MixPlan(text: plan.text).validate()
  }

  @Test func sideChainsNameStemsThatAreThere() throws {
    let song = try Signals.band()
    let plan = plan(song, [.sideChain])
    #expect(plan.tracks[1].compressor?.sideChain == "drums")
    #expect(plan.tracks[2].compressor?.sideChain == "vocals")
    #expect(plan.tracks[0].compressor == nil && plan.tracks[3].compressor == nil)
    // A compressor that is there stays, and says why there is no side chain.
    var busy = MixPlan(trackNames: song.stems.map(\.name))
    busy.tracks[1].compressor = Compressor()
    let kept = Advice.plan(busy, for: song, advice: [.sideChain])
    #expect(kept.tracks[1].compressor?.sideChain == nil)
    #expect(kept.explanation.contains { $0.contains("bass") && $0.contains("sideChain") })
  }

  @Test func everyDecisionHasItsReason() throws {
    let song = try Signals.band()
    let plan = plan(song)
    for track in plan.tracks {
      #expect(track.because["gain"] != nil && track.because["reverbSend"] != nil)
    }
    #expect(plan.explanation.count > 12)
    #expect(plan.explanation.allSatisfy { $0.contains(": ") && !$0.contains("\n") })
  }

  /// Nothing that people may hand in breaks a plan.
  @Test func oddStemsGiveASanePlan() throws {
    let silence = AudioBuffer(channelCount: 2, frameCount: 44_100)
    let empty = AudioBuffer(channelCount: 2, frameCount: 0)
    let click = AudioBuffer(
      channelCount: 2, frameCount: 3, samples: [1, -1, .nan, .infinity, 0, 1e30])
    let clipped = Signals.stereo(3) { time, _ in sin(2 * .pi * 200 * time) > 0 ? 1 : -1 }
    let mono = AudioBuffer(
      channelCount: 1, frameCount: 44_100, samples: Array(Signals.vocals(1).samples[..<44_100]))
    let groups: [[(String, AudioBuffer)]] = [
      [("vocals", Signals.vocals())], [("a", silence)], [("a", empty), ("b", click)],
      [("a", silence), ("vocals", Signals.vocals(3))],
      [("a", Signals.pad(3)), ("b", Signals.pad(3))],
      [("clipped", clipped), ("mono", mono), ("drums", Signals.drums(2))],
      (0..<40).map { ("stem \($0)", Signals.pad(1, gain: pow(0.8, Double($0)))) },
      [("quiet", Signals.vocals(3, gain: 1e-4)), ("loud", Signals.drums(3, gain: 2))],
    ]
    for group in groups {
      let song = AnalysedStems(try group.map { try Signals.analysis($0.0, $0.1) })
      let plan = plan(song)
      try plan.validate()
      #expect(plan == plan.clamped())
      #expect(try MixPlan(text: plan.text) == plan)
      let mix = try StemMixer(sampleRate: Signals.rate).mix(
        Dictionary(uniqueKeysWithValues: group))
      #expect(mix.audio.samples.allSatisfy { $0.isFinite && abs($0) <= 1 })
    }
  }

  @Test func theStemMixerTakesWhatItIsTold() throws {
    let mixer = StemMixer(sampleRate: Signals.rate)
    let stems = ["bass": Signals.bass(2), "vocals": Signals.vocals(2)]
    let plain = try mixer.mix(stems, autoGain: false)
    #expect(plain.plan.tracks.allSatisfy { $0.gainDB == 0 })
    #expect(abs(plain.audio.peak - 1) < 1e-6)
    let filtered = try mixer.mix(stems, highPass: ["vocals": 80], lowPass: ["bass": 5000])
    #expect(filtered.plan.tracks[1].highPass?.frequencyHz == 80)
    #expect(filtered.plan.tracks[0].lowPass?.frequencyHz == 5000)
    #expect(throws: AutoMixError.self) { try mixer.mix(stems, highPass: ["flute": 80]) }
    #expect(throws: AutoMixError.self) { try mixer.mix([:]) }
    #expect(throws: AutoMixError.self) { try mixer.mix(stems, highPass: ["vocals": -1]) }
  }
}
