// SPDX-License-Identifier: MIT
import Foundation
import MixCore
import NeuralNetwork

/// Learns one aspect of vocals over a backing.
///
/// Inputs are made by undoing what the engineer did: levels are hidden, the range of the vocals is made up to twice as
/// wide, a random equalizer is put over them, whose inverse is the target.
final class VocalTask: LearningTask {
  private static let itemsOfBatch = 24
  /// How often each held-out song is looked at where examples are random.
  private static let heldOutRepeats = 8

  var name: String { network.aspect.rawValue }
  private let network: VocalNetwork
  private let songs: [Song]
  private let heldOut: [Song]

  /// A song with what is computed once.
  private struct Song {
    var song: LearningSong
    var powers: [Float]
    /// (64): the mel bands of the vocals, summed over time.
    var spectrum = [Float](repeating: 0, count: MelImage.height)
    var blocks: [Int]
    var target: [Double]

    /// Nil where the song has nothing to learn this aspect from.
    init?(_ song: LearningSong, _ aspect: VocalAspect) {
      guard song.hasVocalsAndBacking else { return nil }
      switch aspect {
      case .level: target = [song.vocalsLUFS - song.backingLUFS]
      case .range:
        guard let range = song.vocalRangeLU, range > 0 else { return nil }
        target = [range]
      case .equalizer: target = []
      case .decay:
        guard let decay = song.vocalDecaySeconds, decay > 0 else { return nil }
        target = [log(decay)]
      }
      self.song = song
      powers = MelImage.powers(song.vocals)
      blocks = MelImage.activeBlocks(powers)
      guard !blocks.isEmpty else { return nil }
      for stem in song.vocals {
        for (index, power) in stem.features.spectrum.melSpectrogram.powers.enumerated() {
          spectrum[index % MelImage.height] += power
        }
      }
    }
  }

  init(_ network: VocalNetwork, songs: [LearningSong], heldOut: [LearningSong]) {
    self.network = network
    self.songs = songs.compactMap { Song($0, network.aspect) }
    self.heldOut = heldOut.compactMap { Song($0, network.aspect) }
    if network.aspect == .equalizer {
      // A uniform choice of -15 to 15 dB in every second band.
      network.scale = network.scale.map { _ in 15 / 6.0.squareRoot() }
    } else if !self.songs.isEmpty {
      let targets = self.songs.map { $0.target[0] }
      let mean = targets.reduce(0, +) / Double(targets.count)
      let variance = targets.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(targets.count)
      network.mean = [mean]
      network.scale = [max(0.1, variance.squareRoot())]
    }
  }

  var networks: [TrainableNetwork] { [network.network] }

  var songCount: Int { songs.count }
  var heldOutCount: Int { heldOut.count }
  /// Of everything but the equalizer, a song has one value.
  var fewestHeldOut: Int { network.aspect == .equalizer ? 1 : 5 }

  func learn(_ generator: inout SplitMix64) throws(NeuralNetworkError) -> Double {
    var images = [Float](repeating: 0, count: Self.itemsOfBatch * 2 * MelImage.count)
    var targets: [Float] = []
    for item in 0..<Self.itemsOfBatch {
      let song = songs[Int.random(in: 0..<songs.count, using: &generator)]
      let (bandsDB, framesDB, target) = undo(song, &generator)
      let block = song.blocks[Int.random(in: 0..<song.blocks.count, using: &generator)]
      // Not always at the same places.
      let frame = max(
        0,
        min(
          block + Int.random(in: -MelImage.width / 2...MelImage.width / 2, using: &generator),
          song.powers.count - MelImage.width))
      images.withUnsafeMutableBufferPointer {
        network.write(
          song.song.vocals, song.song.vocalsLUFS, song.song.backing, song.song.backingLUFS,
          from: frame, bandsDB: bandsDB, framesDB: framesDB.map { Undoing.block($0, from: frame) },
          into: $0, item: item)
      }
      for (index, value) in target.enumerated() {
        targets.append(Float((value - network.mean[index]) / network.scale[index]))
      }
    }
    let outputs = try network.network.forward(images, items: Self.itemsOfBatch, isTraining: true)
    let (loss, gradient) = huberLoss(outputs, targets)
    try network.network.backward(gradient, needsInputGradient: false)
    return loss
  }

  /// What is done to a song's vocals, and what the network should say then.
  private func undo(
    _ song: Song, _ generator: inout SplitMix64
  ) -> (bandsDB: [Float]?, framesDB: [Float]?, target: [Double]) {
    switch network.aspect {
    case .level, .decay: return (nil, nil, song.target)
    case .range:
      let factor = Float.random(in: 1...2, using: &generator)
      return (nil, Undoing.expansion(song.powers, factor: factor), song.target)
    case .equalizer:
      let gains = Undoing.randomGains(&generator)
      let curve = Undoing.keepingLoudness(Undoing.equalizer(gains), of: song.spectrum)
      return (curve, nil, gains.map { -$0 })
    }
  }

  func heldOutError() throws(NeuralNetworkError) -> Double {
    var sum = 0.0
    var count = 0.0
    for (index, song) in heldOut.enumerated() {
      var generator = SplitMix64(seed: UInt64(index))
      let isRandom = network.aspect == .equalizer || network.aspect == .range
      for _ in 0..<(isRandom ? Self.heldOutRepeats : 1) {
        let (bandsDB, framesDB, target) = undo(song, &generator)
        guard
          let prediction = try network.predict(
            vocals: song.song.vocals, backing: song.song.backing, bandsDB: bandsDB,
            framesDB: framesDB)
        else { continue }
        sum += zip(prediction, target).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(target.count)
        count += 1
      }
    }
    return sum / max(1, count)
  }

  func baselineError() -> (error: Double, name: String) {
    guard !heldOut.isEmpty else { return (0, "none") }
    if network.aspect == .equalizer {
      var sum = 0.0
      for index in heldOut.indices {
        var generator = SplitMix64(seed: UInt64(index))
        for _ in 0..<Self.heldOutRepeats {
          let gains = Undoing.randomGains(&generator)
          sum += gains.reduce(0) { $0 + abs($1) } / Double(gains.count)
        }
      }
      return (sum / Double(heldOut.count * Self.heldOutRepeats), "no equalizer")
    }
    let sum = heldOut.reduce(0) { $0 + abs($1.target[0] - network.mean[0]) }
    return (sum / Double(heldOut.count), "the mean of the songs for training")
  }
}
