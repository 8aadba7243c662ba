// SPDX-License-Identifier: MIT
import Foundation
import NeuralNetwork
import Testing

/// What cannot be trained is refused in words.
@Suite struct TrainingErrorTests {
  typealias Layer = TrainableNetwork.Layer

  @Test(
    arguments: [
      ([], "at least one layer"), ([.convolution(channels: 4, kernel: 9)], "its kernel is larger"),
      ([.convolution(channels: 0, kernel: 1)], "at least one channel"),
      ([.convolution(channels: 4, kernel: 3), .maxPool(7)], "Layer 1, maxPool 7, cannot follow"),
      ([.maxPool(0)], "no size"), ([.linear(3)], "put “flatten” before it"),
      ([.flatten, .linear(0)], "at least one output"), ([.dropout(1)], "0..<1"),
      ([.dropout(.nan)], "0..<1"), ([.flatten, .linear(.max)], "too large"),
      (
        [.convolution(channels: 1 << 16, kernel: 8)] + [.convolution(channels: 1 << 16, kernel: 1)],
        "too large"
      ),
    ] as [([Layer], String)])
  func layersThatDoNotFitAreRefused(_ layers: [Layer], words: String) {
    let error = #expect(throws: NeuralNetworkError.self) {
      try TrainableNetwork(input: (2, 8, 8), layers: layers, seed: 0)
    }
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test(arguments: [
    (0, 8, 8), (1, -1, 8), (1 << 20, 1 << 20, 1 << 20), (Int.max, Int.max, Int.max),
  ])
  func inputsWithoutSenseAreRefused(_ channels: Int, height: Int, width: Int) {
    #expect(throws: NeuralNetworkError.self) {
      try TrainableNetwork(input: (channels, height, width), layers: [.flatten], seed: 0)
    }
  }

  @Test func batchesOfAnotherSizeAreRefused() throws {
    let network = try TrainableNetwork(
      input: (2, 4, 4), layers: [.batchNorm, .flatten, .linear(2), .batchNorm], seed: 0)
    for (count, items) in [(32, 2), (0, 0), (33, 1), (32, -1), (32, Int.max)] {
      #expect(throws: NeuralNetworkError.self) {
        try network.forward([Float](repeating: 0, count: count), items: items, isTraining: false)
      }
    }
    // One value for each channel has no variance.
    #expect(throws: NeuralNetworkError.self) {
      try network.forward([Float](repeating: 0, count: 32), items: 1, isTraining: true)
    }
    #expect(throws: NeuralNetworkError.self) { try network.backward([0, 0]) }
    _ = try network.forward([Float](repeating: 0, count: 64), items: 2, isTraining: true)
    #expect(throws: NeuralNetworkError.self) { try network.backward([0, 0]) }
    try network.backward([0, 0, 0, 0])
    #expect(throws: NeuralNetworkError.self) { try network.backward([0, 0, 0, 0]) }
  }

  @Test func tensorsThatDoNotFitChangeNothing() throws {
    let network = try TrainableNetwork(input: (3, 1, 1), layers: [.linear(2)], seed: 0)
    let good = network.tensors
    var (reshaped, infinite) = (good, good)
    reshaped[0].shape = [3, 2]
    infinite[1].values[0] = .infinity
    for bad in [[], [good[0]], good + [good[1]], reshaped, infinite] {
      let error = #expect(throws: NeuralNetworkError.self) { try network.load(bad) }
      #expect(error?.code == .malformed)
      #expect(network.tensors == good)
    }
    let optimizer = Adam()
    var state = optimizer.tensors(for: network)
    try optimizer.load(state, for: network)
    state[0].values = [0.5]
    #expect(throws: NeuralNetworkError.self) { try optimizer.load(state, for: network) }
    state[0].values = [2]
    state[2].values[0] = -1
    #expect(throws: NeuralNetworkError.self) { try optimizer.load(state, for: network) }
    #expect(optimizer.stepCount(of: network) == 0)
  }

  @Test func layersAreWrittenAsWords() throws {
    let layers = TrainingPropertyTests.layers + [.batchNorm]
    let data = try JSONEncoder().encode(layers)
    #expect(String(decoding: data.prefix(29), as: UTF8.self) == #"["convolution 6 3","batchNorm"#)
    #expect(try JSONDecoder().decode([Layer].self, from: data) == layers)
    for text in ["", "relu 1", "linear", "linear x", "convolution 3", "maxPool 2 2", "Relu"] {
      #expect(Layer(text) == nil)
    }
  }
}
