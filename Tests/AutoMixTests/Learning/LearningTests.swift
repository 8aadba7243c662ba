// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore
import Testing

@testable import AutoMix

/// Songs whose engineer always did the same, so that there is something to learn.
enum TaughtSongs {
  /// Bass far below the drums, whatever the song; vocals 6 dB over the rest.
  static func songs(_ count: Int = 5) throws -> [LearningSong] {
    try (0..<count).map { try song($0) }
  }

  /// One of them.
  ///
  /// - Parameter gains: By which drums, bass and vocals were recorded.
  static func song(_ index: Int, gains: [Double] = [1, 1, 1]) throws -> LearningSong {
    let pitch = 1 + 0.07 * Double(index)
    let drums = Signals.drums(13, gain: 0.9 * gains[0])
    let bass = Signals.stereo(13) { time, _ in
      0.03 * gains[1]
        * (sin(2 * .pi * 50 * pitch * time) + 0.3 * sin(2 * .pi * 100 * pitch * time))
    }
    let vocals = Signals.stereo(13) { time, frame in
      let phrase = 0.15 + max(0, sin(2 * .pi * time / (2 + pitch)))
      var sum = 0.0
      for k in 1...10 { sum += sin(2 * .pi * 210 * pitch * Double(k) * time) / Double(k) }
      return 0.2 * gains[2] * phrase * (sum + 0.05 * Signals.noise(frame, seed: UInt64(index)))
    }
    return LearningSong(
      name: "song \(index)",
      stems: [
        try Signals.analysis("drums", drums), try Signals.analysis("bass", bass),
        try Signals.analysis("vocals", vocals),
      ], vocalDecaySeconds: 1 + 0.1 * Double(index))
  }

  static func options(epochs: Int = 6) -> Learner.Options {
    var options = Learner.Options()
    options.largestEpochCount = epochs
    options.batchesOfEpoch = 6
    options.patience = epochs
    return options
  }
}

@Suite struct LearningTests {
  @Test func imagesDoNotShowTheGain() throws {
    let soft = try Signals.analysis("vocals", Signals.vocals(7, gain: 0.1))
    let loud = try Signals.analysis("vocals", Signals.vocals(7, gain: 1))
    func image(_ stem: StemAnalysis) -> [Float] {
      var image = [Float](repeating: 0, count: MelImage.count)
      image.withUnsafeMutableBufferPointer {
        MelImage.write([stem], from: 0, loudness: stem.loudnessLUFS, into: $0)
      }
      return image
    }
    let distance = zip(image(soft), image(loud)).map { abs($0 - $1) }.max() ?? 1
    #expect(distance < 1e-3)
    #expect(image(loud).max() ?? 0 > 0)
    #expect(image(loud).min() == -1)
  }

  @Test func theOrderOfTheStemsOnlyOrdersTheirGains() throws {
    let stems = try Signals.band().stems
    let network = try GainNetwork(seed: 3)
    let levels = try network.levels(stems)
    let reversed = try network.levels(stems.reversed())
    for (a, b) in zip(levels, reversed.reversed()) { #expect(abs(a - b) < 1e-4) }
    #expect(abs(levels.reduce(0, +)) < 1e-9)
    #expect(try network.levels(Array(stems.prefix(3))).count == 3)
  }

  @Test func anEqualizersCurveIsThatOfItsFilters() {
    var gains = [Double](repeating: 0, count: 8)
    gains[4] = 9
    let curve = Undoing.equalizer(gains)
    let nearest = MelSpectrogram.centresHz.indices.min {
      abs(MelSpectrogram.centresHz[$0] - 1000) < abs(MelSpectrogram.centresHz[$1] - 1000)
    }
    #expect(abs((nearest.map { curve[$0] } ?? 0) - 9) < 0.2)
    #expect(abs(curve[0]) < 0.2)
    let spectrum = [Float](repeating: 1, count: MelImage.height)
    let kept = Undoing.keepingLoudness(curve, of: spectrum)
    let power = kept.reduce(Float(0)) { $0 + pow(10, $1 / 10) }
    #expect(abs(power / Float(MelImage.height) - 1) < 1e-4)
  }

  @Test func anExpansionWidensTheRangeAndKeepsThePower() {
    let powers: [Float] = (0..<200).map { pow(10, -Float($0 % 20) / 10) }
    let changed = zip(powers, Undoing.expansion(powers, factor: 2)).map { $0 * pow(10, $1 / 10) }
    let (before, after) = (powers.reduce(0, +), changed.reduce(0, +))
    #expect(abs(after / before - 1) < 1e-4)
    let range = 10 * log10((changed.max() ?? 0) / (changed.min() ?? 1))
    #expect(abs(range - 38) < 0.01)
  }

  @Test func gainsAreLearnedFromSongsThatAreMixedAlike() throws {
    let songs = try TaughtSongs.songs()
    let model = try Learner(songs: songs, options: TaughtSongs.options(epochs: 10)).learn()
    let report = try #require(model.card.reports.first { $0.task == "gains" })
    #expect(report.baseline == "rules")
    #expect(report.isBetter)
    #expect(report.smallestError < 0.7 * report.baselineError)
    #expect(model.card.heldOut.count == 1)
    // The song that was held out, with its stems at other levels: the gains bring those of the song back.
    let index = try #require(songs.firstIndex { $0.name == model.card.heldOut[0].name })
    let scrambled = try TaughtSongs.song(index, gains: [0.25, 2, 0.5])
    let stems = AnalysedStems(scrambled.stems)
    let plan = MixPlan(trackNames: scrambled.stems.map(\.name))
    func error(_ advisor: some Advisor) -> Double {
      let tracks = advisor.advise(plan, for: stems).tracks
      let distances = zip(zip(scrambled.stems, songs[index].stems), tracks).map {
        $0.0.loudnessLUFS + $1.gainDB - $0.1.loudnessLUFS
      }
      let mean = distances.reduce(0, +) / Double(distances.count)
      return distances.reduce(0) { $0 + abs($1 - mean) } / Double(distances.count)
    }
    #expect(error(LearnedGains(model)) < 0.7 * error(GainRules()))
    let advised = LearnedGains(model).advise(plan, for: stems)
    #expect(advised.tracks.allSatisfy { $0.because["gain"]?.contains("learned") == true })
  }

  @Test func goingOnIsTheSameAsNeverHavingStopped() throws {
    let songs = try TaughtSongs.songs(3)
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var options = TaughtSongs.options(epochs: 2)
    options.batchesOfEpoch = 2
    let learner = try Learner(songs: songs, options: options)
    let whole = try learner.learn()
    var epochs = 0
    #expect(throws: AutoMixError.self) {
      try learner.learn(state: path, isCancelled: { epochs >= 3 }, report: { _ in epochs += 1 })
    }
    var rest = 0
    let resumed = try learner.learn(
      state: path, isCancelled: { false }, report: { _ in rest += 1 })
    #expect(rest == 10 - 3)
    #expect(resumed.card == whole.card)
    let stems = songs[0].stems
    #expect(try resumed.levels(stems) == whole.levels(stems))
    // Another set of songs is not mixed up with it.
    let other = try Learner(songs: Array(songs.prefix(2)), options: options)
    #expect(throws: AutoMixError.self) { try other.learn(state: path) }
  }

  @Test func aModelIsReadBackAsItWasWritten() throws {
    let songs = try TaughtSongs.songs(2)
    var options = TaughtSongs.options(epochs: 1)
    options.batchesOfEpoch = 1
    let model = try Learner(songs: songs, options: options).learn()
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try model.write(to: path)
    let read = try LearnedModel(path: path)
    #expect(read.card == model.card)
    let (stems, vocal) = (songs[0].stems, songs[0].stems[2])
    #expect(try read.levels(stems) == model.levels(stems))
    for aspect in VocalAspect.allCases {
      #expect(
        try read.predict(aspect, vocal: vocal, backing: stems[0])
          == model.predict(aspect, vocal: vocal, backing: stems[0]))
    }
    let bytes = try Data(contentsOf: URL(filePath: path))
    try bytes.prefix(bytes.count / 2).write(to: URL(filePath: path))
    #expect(throws: AutoMixError.self) { try LearnedModel(path: path) }
    #expect(throws: AutoMixError.self) { try LearnedModel(path: path + ".missing") }
  }

  @Test func withoutAModelTheRulesDecideAndSaySo() throws {
    let song = try Signals.band()
    let plan = MixPlan(trackNames: song.stems.map(\.name))
    let (rules, learned) = (
      GainRules().advise(plan, for: song), LearnedGains().advise(plan, for: song)
    )
    #expect(learned.tracks.map(\.gainDB) == rules.tracks.map(\.gainDB))
    #expect(
      learned.tracks[0].because["gain"]?.hasPrefix("no model was learned, so by rules") == true)
  }

  @Test func tooFewSongsAreRefused() throws {
    let songs = try TaughtSongs.songs(2)
    #expect(throws: AutoMixError.self) { try Learner(songs: [songs[0]]) }
    #expect(throws: AutoMixError.self) { try Learner(songs: [songs[0], songs[0], songs[1]]) }
    var options = Learner.Options()
    options.heldOutShare = 0.9
    #expect(throws: AutoMixError.self) { try Learner(songs: songs, options: options) }
  }
}
