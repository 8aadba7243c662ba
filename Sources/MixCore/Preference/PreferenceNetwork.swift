// SPDX-License-Identifier: MIT

/// The faders of the four stems in dB.
public struct StemGains: Sendable, Equatable {
  /// In dB.
  public var vocals, drums, bass, other: Double

  /// Puts gains together.
  public init(vocals: Double, drums: Double, bass: Double, other: Double) {
    self.vocals = vocals
    self.drums = drums
    self.bass = bass
    self.other = other
  }

  /// The names of the stems, in the order of the network's outputs.
  public static let stems = ["vocals", "drums", "bass", "other"]

  /// (4): the gains in the order of ``stems``.
  public var values: [Double] { [vocals, drums, bass, other] }

  /// Gains in the order of ``stems``; nil unless there are four.
  public init?(_ values: [Double]) {
    guard values.count == 4 else { return nil }
    self.init(vocals: values[0], drums: values[1], bass: values[2], other: values[3])
  }
}

/// The dense network 23, 64, 32, 16 (ReLU), 4 (tanh) that predicts four faders from the features of
/// a song.
///
/// It is the model of pages that learn with TensorFlow.js, to the order and shapes of its weights.
/// All parameters lie in one block; ``Layout`` says where.
public struct PreferenceNetwork: Sendable, Equatable {
  /// A dense layer: where its parameters and its activations lie.
  struct Layer: Sendable {
    var inputCount: Int
    var outputCount: Int
    /// (inputs, outputs) from here.
    var kernel: Int
    /// (outputs) from here.
    var bias: Int
    /// (inputs) from here among the activations.
    var input: Int
    /// (outputs) from here among the activations.
    var output: Int
  }

  /// The table of offsets.
  enum Layout {
    static let sizes = [23, 64, 32, 16, 4]
    static let layers: [Layer] = {
      var layers: [Layer] = []
      var (parameter, activation) = (0, 0)
      for index in 1..<sizes.count {
        let (inputs, outputs) = (sizes[index - 1], sizes[index])
        layers.append(
          Layer(
            inputCount: inputs, outputCount: outputs, kernel: parameter,
            bias: parameter + inputs * outputs, input: activation, output: activation + inputs))
        parameter += inputs * outputs + outputs
        activation += inputs
      }
      return layers
    }()
    static let parameterCount = 4212
    static let activationCount = 139
    /// Where the outputs lie among the activations.
    static let output = 135
  }

  /// (4212): kernel (inputs, outputs) and bias (outputs) of each layer, from the first.
  var parameters: [Float]

  /// A network that has learned nothing: kernels uniform after Glorot and Bengio (2010), biases 0.
  ///
  /// Its outputs are near 0, which stands for -6 dB.
  public init(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    parameters = [Float](repeating: 0, count: Layout.parameterCount)
    for layer in Layout.layers {
      let limit = (6 / Double(layer.inputCount + layer.outputCount)).squareRoot()
      for index in layer.kernel..<layer.bias {
        let uniform = Double(random.next() >> 11) / 0x1p53
        parameters[index] = Float((2 * uniform - 1) * limit)
      }
    }
  }

  init(parameters: [Float]) {
    precondition(parameters.count == Layout.parameterCount, "the block has another size")
    self.parameters = parameters
  }

  /// The gains for a song: 18 y - 6 dB, within -24 and 12.
  public func gains(for features: SongFeatures) -> StemGains {
    let outputs = outputs(for: features)
    func gain(_ index: Int) -> Double { min(max(18 * Double(outputs[index]) - 6, -24), 12) }
    return StemGains(vocals: gain(0), drums: gain(1), bass: gain(2), other: gain(3))
  }

  /// (4): what the network is trained towards: (gain + 6) / 18.
  static func target(of gains: StemGains) -> [Float] { gains.values.map { Float(($0 + 6) / 18) } }

  /// (4): the outputs of the network, -1 to 1.
  func outputs(for features: SongFeatures) -> [Float] {
    let activations = Storage<Float>(count: Layout.activationCount, repeating: 0)
    for index in 0..<SongFeatures.count { activations[index] = features.vector[index] }
    parameters.withUnsafeBufferPointer {
      guard let parameters = $0.baseAddress else { return }
      Self.forward(parameters, activations.pointer)
    }
    return (Layout.output..<Layout.activationCount).map { activations[$0] }
  }

  /// Fills the activations (139), whose first 23 are the inputs, from the parameters (4212).
  static func forward(
    _ parameters: UnsafePointer<Float>, _ activations: UnsafeMutablePointer<Float>
  ) {
    for (index, layer) in Layout.layers.enumerated() {
      let (x, y) = (activations + layer.input, activations + layer.output)
      y.update(from: parameters + layer.bias, count: layer.outputCount)
      for i in 0..<layer.inputCount where x[i] != 0 {
        let row = parameters + layer.kernel + i * layer.outputCount
        for j in 0..<layer.outputCount { y[j] += x[i] * row[j] }
      }
      if index == Layout.layers.count - 1 {
        for j in 0..<layer.outputCount { y[j] = tanh(y[j]) }
      } else {
        for j in 0..<layer.outputCount { y[j] = max(0, y[j]) }
      }
    }
  }

  private static func tanh(_ x: Float) -> Float {
    Float(1 - 2 / (Elementary.exp(2 * Double(x)) + 1))
  }
}
