// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore
import Testing

@testable import AutoMix

/// What the backing covers of the vocal.
@Suite struct VocalEqualizerTests {
  /// A voice with a singer's formant at 2.5 kHz under a band that is loud there.
  private static let voice = VocalSignals.singer(rangeDB: 6, vowelHz: 2500)
  private let vocal = voice

  private func masker() -> AudioBuffer {
    var (low, high) = (0.0, 0.0)
    return Signals.stereo(20) { time, frame in
      let white = Signals.noise(frame, seed: 4)
      low += 0.5 * (white - low)
      high += 0.2 * (low - high)
      return 0.5 * (low - high) + 0.2 * sin(2 * .pi * 110 * time)
    }
  }

  /// The energy in octaves from 500 Hz to 4 kHz by which the backing stands over the vocal while there is
  /// singing, in dB, summed: loudness set to -3 LU before.
  private func masked(_ plan: MixPlan, _ stems: [AudioBuffer]) throws -> Double {
    var tracks = try VocalSignals.render(plan, stems)
    let distance =
      VocalSignals.meter(tracks[0]).integratedLUFS - VocalSignals.meter(tracks[1]).integratedLUFS
    let gain = Float(Decibels.amplitude(-3 - distance))
    tracks[0].samples = tracks[0].samples.map { $0 * gain }
    let bands = tracks.map { track in
      let extractor = BandLevelExtractor(sampleRate: Double(VocalSignals.rate))
      var track = track
      track.withStereoBlock { extractor.process($0) }
      return extractor.finish()
    }
    let gate = BandLevels.gate(bands[0].weightedPowers)
    var sum = 0.0
    for frame in 0..<bands[0].frameCount where bands[0].weightedPowers[frame] > gate {
      for band in 4...7 {
        let (voice, cover) = (
          bands[0].power(frame: frame, band: band), bands[1].power(frame: frame, band: band)
        )
        sum += max(0, 10 * log10(Double(max(cover, 1e-12) / max(voice, 1e-12))))
      }
    }
    return sum
  }

  @Test func lessOfTheVocalIsMasked() throws {
    let stems = [vocal, masker()]
    let mix = try VocalSignals.mix(vocal: stems[0], backing: stems[1])
    let plan = try mix.plan(advice: [.equalization])
    let (before, after) = (try masked(mix.emptyPlan, stems), try masked(plan, stems))
    #expect(after < 0.85 * before, "\(before) to \(after)")
    let carved = plan.tracks[1].equalizer
    #expect(carved.contains { (1900...4100).contains($0.frequencyHz) && $0.gainDB < -1 })
    for track in plan.tracks {
      #expect(track.equalizer.count <= 4)
      #expect(track.equalizer.allSatisfy { abs($0.gainDB) <= 8 && abs($0.q - 1) < 0.5 })
    }
    // The vocal itself is raised only where it would be lost.
    var targets = VocalTargets()
    targets.loudnessLU = -12
    let lost = try mix.plan(targets: targets, advice: [.equalization])
    #expect(lost.tracks[0].equalizer.contains { $0.gainDB > 0 })
  }

  @Test func whatIsNotCoveredIsNotCarved() throws {
    let low = Signals.stereo(20) { time, _ in 0.3 * sin(2 * .pi * 60 * time) }
    let plan = try VocalSignals.mix(vocal: vocal, backing: low).plan(advice: [.equalization])
    #expect(plan.tracks[1].equalizer.isEmpty)
  }

  @Test func givenBandsAreTakenWithinLimits() throws {
    var targets = VocalTargets()
    targets.equalizer = (0..<6).map {
      EqualizerBand(.bell, frequencyHz: 500 * Double($0 + 1), gainDB: 12, q: 1)
    }
    let plan = try VocalSignals.mix(vocal: vocal, backing: masker())
      .plan(targets: targets, advice: [.equalization])
    #expect(plan.tracks[0].equalizer.map(\.gainDB) == [8, 8, 8, 8])
    #expect(plan.tracks[1].equalizer.isEmpty)
  }

  @Test func lowVoicesKeepTheirLows() throws {
    func corner(_ pitch: Double) throws -> Double {
      let voice = Signals.stereo(5) { time, _ in
        (1...8).reduce(0) { $0 + 0.1 / Double($1) * sin(2 * .pi * pitch * Double($1) * time) }
      }
      return VocalEqualizer.highPass(try Signals.analysis("vocal", voice)).frequencyHz
    }
    #expect(try corner(110) == 75)
    #expect(try corner(440) == 100)
  }

  @Test func onlySharpSibilantsAreTamed() throws {
    func voice(_ level: Double) -> AudioBuffer {
      var last = 0.0
      return Signals.stereo(10) { time, frame in
        let phase = time.truncatingRemainder(dividingBy: 0.8)
        let white = Signals.noise(frame, seed: 5)
        defer { last = white }
        if phase < 0.1 { return level * (white - last) }
        return (1...8).reduce(0) { $0 + 0.1 / Double($1) * sin(2 * .pi * 200 * Double($1) * time) }
      }
    }
    let sharp = try #require(VocalEqualizer.deEsser(try Signals.analysis("vocal", voice(0.1))))
    #expect(sharp.rangeDB > 2)
    #expect(VocalEqualizer.deEsser(try Signals.analysis("vocal", voice(0.003))) == nil)
  }
}
