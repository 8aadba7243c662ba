// SPDX-License-Identifier: MIT

extension PreferenceNetwork {
  /// A song and the gains that a listener kept.
  public struct Example: Sendable, Equatable {
    /// The song.
    public var features: SongFeatures
    /// The gains.
    public var gains: StemGains

    /// Makes an example.
    public init(features: SongFeatures, gains: StemGains) {
      self.features = features
      self.gains = gains
    }
  }

  /// Learns from one saved mix: 5 epochs, one example a step.
  public mutating func learn(_ example: Example) { train([example], epochs: 5, batchSize: 1) }

  /// Goes over all saved mixes again, from the weights that there are: 10 epochs, at most 8
  /// examples a step.
  ///
  /// - Parameter seed: Of the order, which is another in every epoch; nil for the order of the
  ///   examples.
  public mutating func retrain(_ examples: [Example], seed: UInt64? = 1) {
    train(examples, epochs: 10, batchSize: 8, seed: seed)
  }

  /// Minimises the mean squared error by Adam (Kingma and Ba 2015) with a step of 0.001, β 0.9 and
  /// 0.999, ε 1e-7.
  ///
  /// The moments begin at 0 in every call, since only weights are ever saved.
  mutating func train(
    _ examples: [Example], epochs: Int, batchSize: Int, seed: UInt64? = nil
  ) {
    guard !examples.isEmpty else { return }
    let trainer = Trainer()
    var order = Array(examples.indices)
    var random = SplitMix64(seed: seed ?? 0)
    for _ in 0..<epochs {
      if seed != nil { order.shuffle(using: &random) }
      var start = 0
      while start < order.count {
        let end = min(order.count, start + batchSize)
        trainer.gradients.reset()
        parameters.withUnsafeMutableBufferPointer {
          guard let parameters = $0.baseAddress else { return }
          for index in order[start..<end] {
            trainer.add(examples[index], parameters, scale: 1 / Float(end - start))
          }
          trainer.step(parameters)
        }
        start = end
      }
    }
  }

  /// Gradients, and the moments of Adam; each in the layout of the parameters.
  private final class Trainer {
    let gradients = Storage<Float>(count: Layout.parameterCount, repeating: 0)
    private let first = Storage<Float>(count: Layout.parameterCount, repeating: 0)
    private let second = Storage<Float>(count: Layout.parameterCount, repeating: 0)
    private let activations = Storage<Float>(count: Layout.activationCount, repeating: 0)
    /// (139): the derivatives of the loss by what comes before each activation.
    private let slopes = Storage<Float>(count: Layout.activationCount, repeating: 0)
    private var decay1 = 1.0
    private var decay2 = 1.0

    /// Adds the gradient of the mean squared error of an example, times `scale`.
    func add(_ example: Example, _ parameters: UnsafePointer<Float>, scale: Float) {
      let (a, d, g) = (activations.pointer, slopes.pointer, gradients.pointer)
      for index in 0..<SongFeatures.count { a[index] = example.features.vector[index] }
      PreferenceNetwork.forward(parameters, a)
      let target = PreferenceNetwork.target(of: example.gains)
      for j in 0..<4 {
        let y = a[Layout.output + j]
        d[Layout.output + j] = scale * 2 / 4 * (y - target[j]) * (1 - y * y)
      }
      for layer in Layout.layers.reversed() {
        let (x, dz) = (a + layer.input, d + layer.output)
        for j in 0..<layer.outputCount { g[layer.bias + j] += dz[j] }
        for i in 0..<layer.inputCount {
          let row = layer.kernel + i * layer.outputCount
          var slope: Float = 0
          for j in 0..<layer.outputCount {
            g[row + j] += x[i] * dz[j]
            slope += parameters[row + j] * dz[j]
          }
          // The slope of ReLU; of the inputs it is not used.
          d[layer.input + i] = x[i] > 0 ? slope : 0
        }
      }
    }

    /// One step of Adam.
    func step(_ parameters: UnsafeMutablePointer<Float>) {
      let (beta1, beta2): (Float, Float) = (0.9, 0.999)
      decay1 *= 0.9
      decay2 *= 0.999
      let (correction1, correction2) = (Float(1 - decay1), Float(1 - decay2))
      let (g, m, v) = (gradients.pointer, first.pointer, second.pointer)
      for i in 0..<Layout.parameterCount {
        m[i] = beta1 * m[i] + (1 - beta1) * g[i]
        v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i]
        let root = (v[i] / correction2).squareRoot()
        parameters[i] -= 0.001 * (m[i] / correction1) / (root + 1e-7)
      }
    }
  }
}
