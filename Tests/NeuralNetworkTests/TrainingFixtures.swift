// SPDX-License-Identifier: MIT
import Foundation
import NeuralNetwork
import MixCore
import Testing

/// Networks and what PyTorch made of them, by `Tests/Fixtures/make_training_fixtures.py`.
struct TrainingFixtures {
  struct Case: Decodable {
    let input: [Int]
    let items: Int
    let layers: [TrainableNetwork.Layer]
  }

  let name: String
  let description: Case
  private let tensors: LayerFixtures

  init(_ name: String) throws {
    self.name = name
    tensors = try LayerFixtures("training")
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/training-cases", withExtension: "json"))
    let cases = try JSONDecoder().decode([String: Case].self, from: Data(contentsOf: url))
    description = try #require(cases[name])
  }

  /// The case's network with the weights that the fixture begins with.
  func network(threads: Int, weights: String = "start") throws -> TrainableNetwork {
    let sizes = description.input
    let network = try TrainableNetwork(
      input: (sizes[0], sizes[1], sizes[2]), layers: description.layers, seed: 1,
      threadCount: threads)
    try network.load(
      network.tensors.map { tensor in
        let fixture = "\(weights).\(tensor.name)"
        return NamedTensor(
          name: tensor.name, shape: try tensors.shape("\(name).\(fixture)"),
          values: try self[fixture])
      })
    return network
  }

  subscript(_ what: String) -> [Float] {
    get throws { try tensors["\(name).\(what)"] }
  }
}

extension TrainableNetwork {
  /// A step with the loss whose gradient is `gradient` + result / 2; gives the result.
  func run(_ input: [Float], items: Int, gradient: [Float]) throws -> (
    output: [Float], inputGradient: [Float]
  ) {
    clearGradients()
    let output = try forward(input, items: items, isTraining: true)
    let inputGradient = try backward(zip(gradient, output).map { $0 + $1 / 2 })
    return (output, inputGradient)
  }
}

/// `count` numbers of -1..<1, the same at every run.
func randomValues(_ count: Int, seed: UInt64) -> [Float] {
  var generator = SplitMix64(seed: seed)
  return (0..<count).map { _ in 2 * generator.nextUnit() - 1 }
}
