// SPDX-License-Identifier: MIT
internal import CNeuralKernels

/// Group normalisation: each group of an example's channels is brought to mean 0 and variance 1 over
/// all of its values, then every channel has a gain and an offset (Wu and He, arXiv 1803.08494).
public struct GroupNorm: Sendable {
  private let channels: Int
  private let groups: Int
  private let weight: [Float]
  private let bias: [Float]
  private let epsilon: Float
  private let activation: Activation

  /// What follows the normalisation.
  public enum Activation: Sendable, Equatable {
    case none
    /// x times its own sigmoid.
    case swish
    /// Gaussian error linear unit, exact.
    case gelu
  }

  /// - Parameters:
  ///   - weight: (channels)
  ///   - bias: (channels)
  public init(
    channels: Int, groups: Int = 1, weight: [Float], bias: [Float], epsilon: Float = 1e-5,
    activation: Activation = .none
  ) throws(NeuralNetworkError) {
    guard channels > 0, channels <= Int(KERNEL_MAXIMUM_CHANNELS) else {
      throw NeuralNetworkError(
        .unsupported,
        "A normalisation has \(channels) channels; up to \(KERNEL_MAXIMUM_CHANNELS) are supported.")
    }
    guard groups > 0, channels % groups == 0 else {
      throw NeuralNetworkError(
        .unsupported, "A normalisation's \(channels) channels make no \(groups) groups.")
    }
    try expect(weight, count: channels, "normalisation's weight")
    try expect(bias, count: channels, "normalisation's bias")
    self.channels = channels
    self.groups = groups
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
    self.activation = activation
  }

  /// Normalises `examples` examples of (rows, channels) one by one.
  ///
  /// Input and output may be the same.
  public func run(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, examples: Int, rows: Int,
    on executor: Executor
  ) {
    let kernels = executor.plan.kernels.functions
    let code =
      switch activation {
      case .none: Int32(KERNEL_IDENTITY)
      case .swish: Int32(KERNEL_SWISH)
      case .gelu: Int32(KERNEL_GELU)
      }
    if examples == 1, groups == 1 {
      // One large example keeps all threads busy.
      let (mean, variance) = executor.moments(input, count: rows * channels)
      let factor = 1 / (variance + Double(epsilon)).squareRoot()
      let scale = weight.map { Float(Double($0) * factor) }
      let shift = zip(weight, bias).map { Float(Double($1) - mean * factor * Double($0)) }
      executor.split(rows, grain: 64) { range, _ in
        let start = range.lowerBound * channels
        kernels.scale_shift(
          input + start, output + start, Int64(range.count), Int64(channels), scale, shift, code)
      }
      return
    }
    executor.split(examples) { range, _ in
      let start = range.lowerBound * rows * channels
      kernels.group_norm(
        input + start, output + start, Int64(range.count), Int64(rows), Int64(channels),
        Int64(groups), weight, bias, epsilon, code)
    }
  }
}

/// Layer normalisation: every row is brought to mean 0 and variance 1, then every channel has a
/// gain and an offset (Ba et al., arXiv 1607.06450).
public struct LayerNorm: Sendable {
  private let channels: Int
  private let weight: [Float]
  private let bias: [Float]
  private let epsilon: Float

  /// - Parameters:
  ///   - weight: (channels)
  ///   - bias: (channels)
  public init(
    channels: Int, weight: [Float], bias: [Float], epsilon: Float = 1e-5
  ) throws(NeuralNetworkError) {
    guard channels > 0 else {
      throw NeuralNetworkError(.unsupported, "A normalisation has no channels.")
    }
    try expect(weight, count: channels, "normalisation's weight")
    try expect(bias, count: channels, "normalisation's bias")
    self.channels = channels
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
  }

  /// (rows, channels) to the same shape; input and output may be the same.
  public func run(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, rows: Int,
    on executor: Executor
  ) {
    let kernels = executor.plan.kernels.functions
    executor.split(rows, grain: 16) { range, _ in
      let start = range.lowerBound * channels
      kernels.layer_norm(
        input + start, output + start, Int64(range.count), Int64(channels), weight, bias, epsilon)
    }
  }
}
