// SPDX-License-Identifier: MIT
import MixCore
import NeuralNetwork

/// Learns how far stems stand from each other.
///
/// Examples are blocks of six seconds of a song whose stems are put together at random into two to eight groups; their
/// own levels are hidden from the network, which is as if they had been scrambled.
final class GainTask: LearningTask {
  private static let groupsOfBatch = 8
  private static let largestGroup = 8

  let name = "gains"
  private let network: GainNetwork
  private let songs: [Song]
  private let heldOut: [LearningSong]

  /// A song with what is computed once.
  private struct Song {
    var stems: [StemAnalysis]
    /// (stems, frames): the power of every frame.
    var powers: [[Float]]
    /// (stems): the mean powers.
    var means: [Float]
    /// The first frames of blocks in which at least two stems sound.
    var blocks: [Int] = []

    /// Nil where no two stems ever sound together.
    init?(_ song: LearningSong) {
      stems = song.audible
      powers = stems.map { MelImage.powers([$0]) }
      means = powers.map { $0.reduce(0, +) / Float(max(1, $0.count)) }
      let end = powers.map(\.count).max() ?? 0
      for frame in stride(from: 0, to: end, by: MelImage.width / 4)
      where stems.indices.count(where: { isActive($0, from: frame) }) > 1 { blocks.append(frame) }
      if blocks.isEmpty { return nil }
    }

    func isActive(_ stem: Int, from frame: Int) -> Bool {
      MelImage.isActive(powers[stem], from: frame, mean: means[stem])
    }
  }

  init(
    _ network: GainNetwork, songs: [LearningSong], heldOut: [LearningSong]
  ) {
    self.network = network
    self.songs = songs.compactMap(Song.init)
    self.heldOut = heldOut.filter { $0.audible.count > 1 }
  }

  var networks: [TrainableNetwork] { [network.trunk, network.head] }

  var songCount: Int { songs.count }
  var heldOutCount: Int { heldOut.count }
  var fewestHeldOut: Int { 1 }

  func learn(_ generator: inout SplitMix64) throws(NeuralNetworkError) -> Double {
    var images: [Float] = []
    var targets: [Float] = []
    var groups: [Int] = []
    for _ in 0..<Self.groupsOfBatch {
      let parts = example(&generator, &images)
      let mean = parts.reduce(0, +) / Double(max(1, parts.count))
      targets += parts.map { Float(($0 - mean) / GainNetwork.scaleDB) }
      groups.append(parts.count)
    }
    let outputs = try network.forward(images, groups: groups, isTraining: true)
    let (loss, gradient) = huberLoss(outputs, targets)
    try network.backward(gradient, groups: groups)
    return loss
  }

  /// Adds the images of one group.
  ///
  /// - Returns: The loudness of each of its parts in LUFS.
  private func example(_ generator: inout SplitMix64, _ images: inout [Float]) -> [Double] {
    // Half of all groupings of a block with two active stems keep them apart: this ends.
    while true {
      let song = songs[Int.random(in: 0..<songs.count, using: &generator)]
      let frame = song.blocks[Int.random(in: 0..<song.blocks.count, using: &generator)]
      let stems = song.stems.indices.shuffled(using: &generator)
      // Half of the time the stems as they are, else put together.
      let most = min(Self.largestGroup, stems.count)
      let together = Bool.random(using: &generator)
      let count = Int.random(in: 2...most, using: &generator)
      var parts = [[Int]](repeating: [], count: count)
      for (place, stem) in stems.enumerated() where together || place < count {
        parts[place < count ? place : Int.random(in: 0..<count, using: &generator)].append(stem)
      }
      let active = parts.filter { part in
        part.contains { song.isActive($0, from: frame) }
      }
      guard active.count > 1 else { continue }
      var levels: [Double] = []
      for part in active {
        let stems = part.map { song.stems[$0] }
        let loudness = LearningSong.loudness(stems)
        levels.append(loudness)
        let first = images.count
        images += [Float](repeating: 0, count: MelImage.count)
        images.withUnsafeMutableBufferPointer {
          MelImage.write(
            stems, from: frame, loudness: loudness,
            into: .init(rebasing: $0[first..<first + MelImage.count]))
        }
      }
      return levels
    }
  }

  func heldOutError() throws(NeuralNetworkError) -> Double {
    var errors: [Double] = []
    for song in heldOut { errors += Self.errors(song, try network.levels(song.audible)) }
    return errors.reduce(0, +) / Double(max(1, errors.count))
  }

  func baselineError() -> (error: Double, name: String) {
    var errors: [Double] = []
    for song in heldOut {
      let stems = AnalysedStems(song.audible)
      let plan = GainRules().advise(MixPlan(trackNames: song.audible.map(\.name)), for: stems)
      let levels = zip(song.audible, plan.tracks).map { $0.loudnessLUFS + $1.gainDB }
      errors += Self.errors(song, levels)
    }
    return (errors.reduce(0, +) / Double(max(1, errors.count)), "rules")
  }

  /// The distances of the levels from those of the song, both without their means.
  private static func errors(_ song: LearningSong, _ levels: [Double]) -> [Double] {
    let truth = song.audible.map(\.loudnessLUFS)
    let shift = zip(levels, truth).reduce(0) { $0 + $1.0 - $1.1 } / Double(truth.count)
    return zip(levels, truth).map { abs($0 - $1 - shift) }
  }
}
