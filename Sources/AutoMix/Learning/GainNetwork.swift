// SPDX-License-Identifier: MIT
import NeuralNetwork

/// The “CNN method”: several stems in, one gain each out.
///
/// One network looks at every stem by itself; a second one sees what came of it beside the mean of all stems. So
/// the order of the stems makes no difference and there may be any number of them (Zaheer et al., “Deep sets”,
/// NeurIPS 2017). What comes out is how far a stem stands from the mean of all in loudness.
final class GainNetwork {
  /// Decibels of one unit of the output.
  static let scaleDB = 6.0
  private static let featureCount = 32

  let trunk: TrainableNetwork
  let head: TrainableNetwork

  init(seed: UInt64) throws(NeuralNetworkError) {
    trunk = try TrainableNetwork(
      input: (1, MelImage.height, MelImage.width),
      layers: VocalNetwork.trunk + [.linear(Self.featureCount), .relu], seed: seed)
    head = try TrainableNetwork(
      input: (2 * Self.featureCount, 1, 1),
      layers: [.flatten, .linear(32), .relu, .linear(1)], seed: seed &+ 1)
  }

  /// Units of loudness against the mean of a group.
  ///
  /// - Parameters:
  ///   - images: (stems of all groups, 64, 64).
  ///   - groups: How many stems each group has.
  /// - Returns: (stems of all groups), with a mean of 0 in each group.
  func forward(
    _ images: [Float], groups: [Int], isTraining: Bool
  ) throws(NeuralNetworkError) -> [Float] {
    let width = Self.featureCount
    let count = groups.reduce(0, +)
    let features = try trunk.forward(images, items: count, isTraining: isTraining)
    var pairs = [Float](repeating: 0, count: count * 2 * width)
    var first = 0
    for group in groups {
      for feature in 0..<width {
        var mean: Float = 0
        for stem in first..<first + group { mean += features[stem * width + feature] }
        mean /= Float(group)
        for stem in first..<first + group {
          pairs[stem * 2 * width + feature] = features[stem * width + feature]
          pairs[stem * 2 * width + width + feature] = mean
        }
      }
      first += group
    }
    var outputs = try head.forward(pairs, items: count, isTraining: isTraining)
    Self.centre(&outputs, groups)
    return outputs
  }

  /// Adds to the gradients of both networks.
  ///
  /// - Parameter gradient: (stems of all groups): of what ``forward`` returned.
  func backward(_ gradient: [Float], groups: [Int]) throws(NeuralNetworkError) {
    let width = Self.featureCount
    var gradient = gradient
    Self.centre(&gradient, groups)
    let pairs = try head.backward(gradient)
    var features = [Float](repeating: 0, count: groups.reduce(0, +) * width)
    var first = 0
    for group in groups {
      for feature in 0..<width {
        var mean: Float = 0
        for stem in first..<first + group { mean += pairs[stem * 2 * width + width + feature] }
        mean /= Float(group)
        for stem in first..<first + group {
          features[stem * width + feature] = pairs[stem * 2 * width + feature] + mean
        }
      }
      first += group
    }
    try trunk.backward(features, needsInputGradient: false)
  }

  /// Takes the mean of each group away; it is its own transpose.
  private static func centre(_ values: inout [Float], _ groups: [Int]) {
    var first = 0
    for group in groups {
      let mean = values[first..<first + group].reduce(0, +) / Float(group)
      for index in first..<first + group { values[index] -= mean }
      first += group
    }
  }

  /// How far each stem of a song should stand from the mean of all, in dB, with a mean of 0.
  ///
  /// - Parameter stems: That can be heard.
  func levels(_ stems: [StemAnalysis]) throws(NeuralNetworkError) -> [Double] {
    var differences = LevelDifferences(count: stems.count)
    let powers = stems.map { MelImage.powers([$0]) }
    let means = powers.map { $0.reduce(0, +) / Float(max(1, $0.count)) }
    let end = powers.map(\.count).max() ?? 0
    for frame in stride(from: 0, to: end, by: MelImage.width) {
      let active = stems.indices.filter {
        MelImage.isActive(powers[$0], from: frame, mean: means[$0])
      }
      guard active.count > 1 else { continue }
      var images = [Float](repeating: 0, count: active.count * MelImage.count)
      images.withUnsafeMutableBufferPointer { images in
        for (place, index) in active.enumerated() {
          let first = place * MelImage.count
          MelImage.write(
            [stems[index]], from: frame, loudness: stems[index].loudnessLUFS,
            into: .init(rebasing: images[first..<first + MelImage.count]))
        }
      }
      let outputs = try forward(images, groups: [active.count], isTraining: false)
      differences.add(outputs.map { Self.scaleDB * Double($0) }, of: active)
    }
    return differences.levels
  }
}
