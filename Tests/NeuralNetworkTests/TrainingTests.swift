// SPDX-License-Identifier: MIT
import NeuralNetwork
import Testing

/// Training against PyTorch in double precision.
@Suite struct TrainingTests {
  static let cases = ["image", "plain", "bare", "perceptron"]
  static let adam = (rate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-6, decay: 0.02)
  static let tolerance = 1e-5

  static func optimizer() -> Adam {
    Adam(
      learningRate: adam.rate, beta1: adam.beta1, beta2: adam.beta2, epsilon: adam.epsilon,
      weightDecay: adam.decay)
  }

  @Test(arguments: cases, [1, 2])
  func aPassForwardAndBackwardIsPyTorchs(_ name: String, threads: Int) throws {
    let fixtures = try TrainingFixtures(name)
    let network = try fixtures.network(threads: threads)
    let result = try network.run(
      try fixtures["input"], items: fixtures.description.items,
      gradient: try fixtures["outputGradient"])
    #expect(relativeError(result.output, try fixtures["output"]) < Self.tolerance)
    #expect(relativeError(result.inputGradient, try fixtures["inputGradient"]) < Self.tolerance)
    // The largest gradient, to which those are compared that are zero but for rounding.
    let scale = network.parameterGradients.flatMap(\.values).map(abs).max() ?? 0
    for gradient in network.parameterGradients {
      let expected = try fixtures["gradient.\(gradient.name)"]
      let isZero = expected.allSatisfy { abs($0) < 1e-6 * scale }
      let distance = zip(gradient.values, expected).map { abs($0 - $1) }.max() ?? 0
      if isZero {
        #expect(distance < 1e-6 * scale, "\(gradient.name)")
      } else {
        // PyTorch's own gradients in single precision are up to 1.6e-5 off here: sums cancel.
        #expect(relativeError(gradient.values, expected) < 2e-5, "\(gradient.name)")
      }
    }
    for tensor in network.tensors where tensor.name.contains("running") {
      let expected = try fixtures["running.\(tensor.name)"]
      #expect(relativeError(tensor.values, expected) < Self.tolerance, "\(tensor.name)")
    }
  }

  @Test(arguments: cases, [1, 2])
  func threeStepsOfAdamArePyTorchs(_ name: String, threads: Int) throws {
    let fixtures = try TrainingFixtures(name)
    let network = try fixtures.network(threads: threads)
    let optimizer = Self.optimizer()
    for _ in 0..<3 {
      _ = try network.run(
        try fixtures["input"], items: fixtures.description.items,
        gradient: try fixtures["outputGradient"])
      optimizer.step(network)
    }
    // The bias before a normalisation has no gradient but rounding errors, which Adam makes as large
    // as others: in PyTorch, too, single precision then ends elsewhere, and with it the mean.
    let layers = fixtures.description.layers
    let ignored = layers.indices.dropLast().flatMap { index in
      layers[index + 1] == .batchNorm ? ["\(index).bias", "\(index + 1).running_mean"] : []
    }
    for tensor in network.tensors where !ignored.contains(tensor.name) {
      // In this case the first normalisation's shift goes through a convolution into another.
      if name == "bare", tensor.name == "0.bias" { continue }
      let expected = try fixtures["end.\(tensor.name)"]
      #expect(relativeError(tensor.values, expected) < Self.tolerance, "\(tensor.name)")
    }
  }

  @Test(arguments: cases, [1, 2])
  func aTrainedNetworkGivesWhatPyTorchs(_ name: String, threads: Int) throws {
    let fixtures = try TrainingFixtures(name)
    let network = try fixtures.network(threads: threads, weights: "end")
    let output = try network.forward(
      try fixtures["input"], items: fixtures.description.items, isTraining: false)
    #expect(relativeError(output, try fixtures["inference"]) < Self.tolerance)
  }
}
