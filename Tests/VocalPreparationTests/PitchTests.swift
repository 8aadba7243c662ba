// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

@Suite struct PitchTests {
  struct Fixtures: Decodable {
    struct Case: Decodable {
      var hertz, octavesPerSecond, slope, noise: Double
      var partials: Int
      var yin, pyin: [Double]
    }
    var every: Int
    var cases: [Case]
  }

  func track(_ samples: [Float], rate: Int = 44_100) -> PitchTrack {
    var samples = samples
    return samples.asTake { PitchTrack($0, sampleRate: Double(rate)) }
  }

  @Test(
    arguments: [80.0, 98.3, 147, 220, 329.6, 440, 523.3, 659.3, 880, 1_000],
    [44_100, 48_000, 16_000, 96_000])
  func harmonicTonesAreFoundWithinOnePercent(_ hertz: Double, _ rate: Int) {
    let samples = Signals.tone(rate: rate, seconds: 0.5) { _ in hertz }
    let track = track(samples, rate: rate)
    // The window reaches over the ends.
    for frame in 8..<92 {
      #expect(abs(Double(track.frequencies[frame]) / hertz - 1) < 0.01, "\(frame)")
    }
  }

  @Test(arguments: [110.0, 220, 440, 800]) func vibratoIsFollowed(_ hertz: Double) {
    func pitch(_ time: Double) -> Double { hertz * (1 + 0.02 * sin(2 * .pi * 5.5 * time)) }
    let samples = Signals.tone(rate: 44_100, seconds: 1, hertz: pitch)
    let track = track(samples)
    for frame in 8..<192 {
      let time = Double(frame * track.hopLength) / 44_100
      #expect(abs(Double(track.frequencies[frame]) / pitch(time) - 1) < 0.01, "\(frame)")
    }
  }

  @Test func librosaFindsTheSamePitches() throws {
    let file = try #require(
      Bundle.module.url(forResource: "pitches", withExtension: "json", subdirectory: "Fixtures"))
    let fixtures = try JSONDecoder().decode(Fixtures.self, from: Data(contentsOf: file))
    var compared = 0
    for one in fixtures.cases {
      let samples = Signals.fixtureTone(
        hertz: one.hertz, octavesPerSecond: one.octavesPerSecond, partials: one.partials,
        slope: one.slope, noise: one.noise)
      let track = track(samples, rate: 22_050)
      #expect(track.hopLength == 110)
      for index in one.pyin.indices where index * fixtures.every < track.frequencies.count {
        let frame = index * fixtures.every
        let time = Double(frame * 110) / 22_050
        let phase = time.truncatingRemainder(dividingBy: 1)
        let ours = Double(track.frequencies[frame])
        // Half a frame of librosa around each beginning and end is left out.
        if phase > 0.06, phase < 0.44 {
          #expect(abs(ours / one.pyin[index] - 1) < 0.01, "\(one.hertz) Hz at \(time) s: pyin")
          #expect(abs(ours / one.yin[index] - 1) < 0.01, "\(one.hertz) Hz at \(time) s: yin")
          compared += 1
        } else if phase > 0.56, phase < 0.94 {
          // pyin sees a pitch in this noise once.
          #expect(ours == 0, "\(one.hertz) Hz at \(time) s")
          compared += 1
        }
      }
    }
    #expect(compared > 100)
  }

  @Test func noiseAndSilenceHaveNoPitch() {
    #expect(track(Signals.noise(count: 44_100, level: 0.3)).frequencies.allSatisfy { $0 == 0 })
    #expect(track([Float](repeating: 0, count: 44_100)).frequencies.allSatisfy { $0 == 0 })
  }

  @Test func keysAreRead() {
    #expect(MusicalKey(name: "A minor") == MusicalKey(tonic: 9, mode: .minor))
    #expect(MusicalKey(name: " Bb major ") == MusicalKey(tonic: 10, mode: .major))
    #expect(MusicalKey(name: "f#m") == MusicalKey(tonic: 6, mode: .minor))
    #expect(MusicalKey(name: "Cb") == MusicalKey(tonic: 11, mode: .major))
    #expect(MusicalKey(name: "G MAJ") == MusicalKey(tonic: 7, mode: .major))
    for name in ["", "H minor", "A dorian", "AM", "A minor 7", "#", "ä"] {
      #expect(MusicalKey(name: name) == nil, "\(name)")
    }
    for tonic in 0..<12 {
      for mode in [MusicalKey.Mode.major, .minor] {
        let key = MusicalKey(tonic: tonic, mode: mode)
        #expect(MusicalKey(name: key.name) == key)
      }
    }
    #expect(MusicalKey(tonic: 9, mode: .minor).pitchClasses == [0, 2, 4, 5, 7, 9, 11])
  }
}
