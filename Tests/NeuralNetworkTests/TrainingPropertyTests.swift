// SPDX-License-Identifier: MIT
import Foundation
import NeuralNetwork
import MixCore
import Testing

/// What holds for every training.
@Suite struct TrainingPropertyTests {
  /// Every kind of layer; 2 × 14 × 13 to 3.
  static let layers: [TrainableNetwork.Layer] = [
    .convolution(channels: 6, kernel: 3), .batchNorm, .relu, .maxPool(2),
    .convolution(channels: 8, kernel: 2), .tanh, .globalAveragePool, .flatten, .dropout(0.3),
    .linear(5), .relu, .linear(3),
  ]
  static let input = (channels: 2, height: 14, width: 13)
  static let count = 2 * 14 * 13

  func network(
    _ layers: [TrainableNetwork.Layer] = layers, seed: UInt64 = 5, threads: Int = 2
  ) throws -> TrainableNetwork {
    try TrainableNetwork(input: Self.input, layers: layers, seed: seed, threadCount: threads)
  }

  /// Steps of training with batches that depend on their number.
  func train(_ network: TrainableNetwork, _ optimizer: Adam, steps: Range<Int>) throws {
    for step in steps {
      let items = 4 + step % 3
      _ = try network.run(
        randomValues(items * Self.count, seed: UInt64(step)), items: items,
        gradient: randomValues(items * network.outputCount, seed: 100 + UInt64(step)))
      optimizer.step(network)
    }
  }

  @Test func theGradientIsTheSlopeOfTheLoss() throws {
    let layers: [TrainableNetwork.Layer] = [
      .convolution(channels: 4, kernel: 3), .batchNorm, .tanh,
      .convolution(channels: 5, kernel: 3), .globalAveragePool, .dropout(0.2), .linear(4), .tanh,
      .linear(2),
    ]
    let network = try network(layers)
    let items = 6
    let input = randomValues(items * Self.count, seed: 1)
    let weights = randomValues(items * network.outputCount, seed: 2)
    func loss(_ input: [Float]) throws -> Double {
      network.passCount = 7  // the same values drop out
      let output = try network.forward(input, items: items, isTraining: true)
      return zip(output, weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    _ = try loss(input)
    network.clearGradients()
    let inputGradient = try network.backward(weights)
    let gradients = network.parameterGradients
    let start = network.tensors

    func expectSlope(_ slope: Double, _ gradient: Double, _ name: String) {
      let tolerance = 2e-3 * max(abs(gradient), 0.05)
      #expect(abs(slope - gradient) < tolerance, "\(name): \(slope) and \(gradient)")
    }
    let step: Float = 3e-3
    func dot(_ a: [Float], _ b: [Float]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    for (number, gradient) in gradients.enumerated() {
      let direction = randomValues(gradient.values.count, seed: 10 + UInt64(number))
      let losses = try [step, -step].map { step in
        try network.load(
          start.map { tensor in
            var tensor = tensor
            if tensor.name == gradient.name {
              tensor.values = zip(tensor.values, direction).map { $0 + step * $1 }
            }
            return tensor
          })
        return try loss(input)
      }
      expectSlope(
        (losses[0] - losses[1]) / Double(2 * step), dot(gradient.values, direction), gradient.name)
    }
    try network.load(start)
    let direction = randomValues(input.count, seed: 3)
    let losses = try [step, -step].map { step in
      try loss(zip(input, direction).map { $0 + step * $1 })
    }
    expectSlope((losses[0] - losses[1]) / Double(2 * step), dot(inputGradient, direction), "input")
  }

  @Test func theResultOfAnItemDoesNotDependOnItsBatch() throws {
    let (one, two) = (try network(threads: 1), try network(threads: 2))
    try train(one, Adam(), steps: 0..<3)
    try two.load(one.tensors)
    let items = 37
    let input = randomValues(items * Self.count, seed: 9)
    let together = try two.forward(input, items: items, isTraining: false)
    #expect(try one.forward(input, items: items, isTraining: false) == together)
    for item in [0, 1, 20, 36] {
      let alone = try two.forward(
        Array(input[item * Self.count..<(item + 1) * Self.count]), items: 1, isTraining: false)
      #expect(alone == Array(together[item * 3..<(item + 1) * 3]))
    }
    #expect(Set(together).count > items)
  }

  @Test func trainingIsTheSameForASeed() throws {
    let networks = try [5, 5, 6].map { try network(seed: $0) }
    for network in networks { try train(network, Adam(), steps: 0..<4) }
    #expect(networks[0].tensors == networks[1].tensors)
    #expect(networks[0].tensors != networks[2].tensors)
  }

  @Test func aResumedTrainingGivesWhatAnUninterruptedOneDoes() throws {
    let whole = try network()
    let shared = Adam(learningRate: 0.01)
    try train(whole, shared, steps: 0..<6)

    let first = try network()
    let firstAdam = Adam(learningRate: 0.01)
    try train(first, firstAdam, steps: 0..<3)
    let second = try network(seed: 5)
    let secondAdam = Adam(learningRate: 0.01)
    try second.load(first.tensors)
    try secondAdam.load(firstAdam.tensors(for: first), for: second)
    second.passCount = first.passCount
    try train(second, secondAdam, steps: 3..<6)
    #expect(second.tensors == whole.tensors)
    #expect(secondAdam.tensors(for: second) == shared.tensors(for: whole))
    #expect(secondAdam.stepCount(of: second) == 6)
  }

  @Test func networksThatShareAnOptimizerDoNotMix() throws {
    let (a, b, alone) = (try network(seed: 1), try network(seed: 2), try network(seed: 1))
    let shared = Adam()
    for step in 0..<3 {
      try train(a, shared, steps: step..<step + 1)
      try train(b, shared, steps: step + 5..<step + 6)
    }
    try train(alone, Adam(), steps: 0..<3)
    #expect(a.tensors == alone.tensors)
  }

  @Test func gradientsAddUpUntilTheyAreCleared() throws {
    let network = try network([.convolution(channels: 3, kernel: 3), .flatten, .linear(2)])
    let input = randomValues(4 * Self.count, seed: 1)
    func pass() throws {
      _ = try network.forward(input, items: 4, isTraining: true)
      #expect(try network.backward(randomValues(8, seed: 2), needsInputGradient: false) == [])
    }
    try pass()
    let once = network.parameterGradients
    try pass()
    for (one, two) in zip(once, network.parameterGradients) {
      #expect(relativeError(two.values, one.values.map { 2 * $0 }) < 1e-6)
    }
    network.clearGradients()
    #expect(network.parameterGradients.allSatisfy { $0.values.allSatisfy { $0 == 0 } })
  }

  @Test func dropoutScalesWhatItKeepsAndTakesTheGradientAlong() throws {
    let network = try TrainableNetwork(
      input: (50, 20, 20), layers: [.dropout(0.3)], seed: 3, threadCount: 2)
    let items = 4
    let ones = [Float](repeating: 1, count: items * 20_000)
    let first = try network.forward(ones, items: items, isTraining: true)
    let kept = first.filter { $0 != 0 }
    #expect(kept.allSatisfy { abs($0 - 1 / 0.7) < 1e-6 })
    // Six standard deviations of the binomial distribution.
    let (share, deviation) = (Double(kept.count) / 80_000, (0.21 / 80_000).squareRoot())
    #expect(abs(share - 0.7) < 6 * deviation)
    #expect(try network.backward(ones) == first)
    #expect(try network.forward(ones, items: items, isTraining: true) != first)
    #expect(try network.forward(ones, items: items, isTraining: false) == ones)
  }

  @Test func initialWeightsAreUniformAsPyTorchs() throws {
    let network = try TrainableNetwork(
      input: (16, 8, 8), layers: [.convolution(channels: 64, kernel: 3), .batchNorm], seed: 8)
    let tensors = network.tensors
    #expect(
      tensors.map(\.name) == [
        "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var",
      ])
    #expect(tensors[0].shape == [64, 16, 3, 3])
    let bound = 1 / Float(144).squareRoot()
    for tensor in tensors[0...1] {
      let largest = tensor.values.map(abs).max() ?? 0
      #expect(largest <= bound && largest > 0.9 * bound)
    }
    let square = tensors[0].values.reduce(0.0) { $0 + Double($1 * $1) }
    let power = square / Double(64 * 144)
    let expectedPower = Double(bound * bound / 3)
    #expect(abs(power / expectedPower - 1) < 0.05)
    #expect(tensors[2].values.allSatisfy { $0 == 1 } && tensors[5].values.allSatisfy { $0 == 1 })
    #expect(tensors[3].values.allSatisfy { $0 == 0 } && tensors[4].values.allSatisfy { $0 == 0 })
  }

  /// Whether a bright square lies in the upper or the lower half.
  @Test func aSmallProblemIsLearned() throws {
    let network = try TrainableNetwork(
      input: (1, 16, 16),
      layers: [
        .convolution(channels: 8, kernel: 3), .batchNorm, .relu, .maxPool(2), .flatten,
        .dropout(0.3), .linear(1),
      ], seed: 4)
    var generator = SplitMix64(seed: 1)
    func batch(_ items: Int) -> (images: [Float], sides: [Float]) {
      var images = (0..<items * 256).map { _ in generator.nextUnit() }
      var sides: [Float] = []
      for item in 0..<items {
        let row = Int.random(in: 0...12, using: &generator)
        let column = Int.random(in: 0...12, using: &generator)
        for y in row..<row + 4 {
          for x in column..<column + 4 { images[item * 256 + y * 16 + x] += 1 }
        }
        sides.append(row < 6 ? -1 : row > 6 ? 1 : 0)
      }
      return (images, sides)
    }
    let optimizer = Adam(learningRate: 3e-3)
    for _ in 0..<200 {
      let (images, sides) = batch(32)
      let output = try network.forward(images, items: 32, isTraining: true)
      network.clearGradients()
      try network.backward(
        zip(output, sides).map { 2 * ($0 - $1) / 32 }, needsInputGradient: false)
      optimizer.step(network)
    }
    let (images, sides) = batch(500)
    let output = try network.forward(images, items: 500, isTraining: false)
    let wrong = zip(output, sides).count { $1 != 0 && ($0 > 0) != ($1 > 0) }
    #expect(wrong < 15, "\(wrong) of 500")
  }
}
