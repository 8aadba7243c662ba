// SPDX-License-Identifier: MIT
import MixCore
import NeuralNetwork

/// Items per second of training and inference with two threads, fastest of many, for networks of the size that automatic
/// mixing learns; Benchmarks/training.py measures PyTorch with the same.
@main
struct TrainingBenchmark {
  private static let layers =
    [8, 16, 32, 64].flatMap { channels -> [TrainableNetwork.Layer] in
      [.convolution(channels: channels, kernel: 3), .batchNorm, .relu, .maxPool(2)]
    } + [.flatten, .dropout(0.3), .linear(10)]

  static func main() throws {
    for channels in [1, 2] {
      for items in [16, 32, 64] { try measure(channels: channels, items: items) }
    }
  }

  private static func measure(channels: Int, items: Int) throws {
    let network = try TrainableNetwork(
      input: (channels, 64, 64), layers: layers, seed: 1, threadCount: 2)
    let adam = Adam()
    var random = SplitMix64(seed: 1)
    func values(_ count: Int) -> [Float] { (0..<count).map { _ in 2 * random.nextUnit() - 1 } }
    let (input, gradient) = (values(items * channels * 64 * 64), values(items * 10))
    let training = try fastest {
      network.clearGradients()
      _ = try network.forward(input, items: items, isTraining: true)
      try network.backward(gradient, needsInputGradient: false)
      adam.step(network)
    }
    let inference = try fastest {
      _ = try network.forward(input, items: items, isTraining: false)
    }
    let rates = [training, inference].map { Int(Double(items) / $0) }
    print(
      "\(channels) channels, \(items) items: training \(rates[0]), inference \(rates[1]) items/s")
  }

  /// Seconds of the fastest run in three seconds.
  private static func fastest(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    var fastest = Duration.seconds(1000)
    let end = clock.now + .seconds(3)
    while clock.now < end { fastest = min(fastest, try clock.measure(body)) }
    return fastest / Duration.seconds(1)
  }
}
