// SPDX-License-Identifier: MIT
import Foundation
import NeuralNetwork
import Testing

/// Not a test: prints how fast training is, beside what `Benchmarks/training.py` measures.
///
///     TONMEISTER_TRAINING_BENCHMARK=1 swift test -c release -Xswiftc -enable-testing \
///       --scratch-path .build/test --filter TrainingSpeedTests
@Suite(
  .enabled(if: ProcessInfo.processInfo.environment["TONMEISTER_TRAINING_BENCHMARK"] != nil),
  .serialized)
struct TrainingSpeedTests {
  static let blocks = [8, 16, 32, 64].flatMap { channels -> [TrainableNetwork.Layer] in
    [.convolution(channels: channels, kernel: 3), .batchNorm, .relu, .maxPool(2)]
  }

  @Test(arguments: [1, 2], [16, 32, 64])
  func itemsPerSecond(channels: Int, items: Int) throws {
    let network = try TrainableNetwork(
      input: (channels, 64, 64), layers: Self.blocks + [.flatten, .dropout(0.3), .linear(10)],
      seed: 1, threadCount: 2)
    let optimizer = Adam()
    let input = randomValues(items * channels * 64 * 64, seed: 1)
    let gradient = randomValues(items * 10, seed: 2)
    func step() throws {
      network.clearGradients()
      _ = try network.forward(input, items: items, isTraining: true)
      try network.backward(gradient, needsInputGradient: false)
      optimizer.step(network)
    }
    func inference() throws { _ = try network.forward(input, items: items, isTraining: false) }
    let (training, trained) = (try best(step), try best(inference))
    let (a, b) = (Double(items) / training, Double(items) / trained)
    print("\(channels) channels, \(items) items: training \(Int(a)), inference \(Int(b)) items/s")
  }

  /// Seconds of the fastest run of many.
  private func best(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    var best = Duration.seconds(1000)
    let end = clock.now + .seconds(3)
    while clock.now < end { best = min(best, try clock.measure(body)) }
    return best / Duration.seconds(1)
  }
}
