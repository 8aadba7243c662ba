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
    let activation =
      switch self.activation {
      case .none: KERNEL_IDENTITY
      case .swish: KERNEL_SWISH
      case .gelu: KERNEL_GELU
      }
    executor.split(examples) { range, _ in
      let start = range.lowerBound * rows * channels
      kernels.group_norm(
        input + start, output + start, Int64(range.count), Int64(rows), Int64(channels),
        Int64(groups), weight, bias, epsilon, Int32(activation))
    }
  }
}

/// A gated residual: adds gain · GLU(group norm(x)) to what is there.
///
/// The end of a branch of Demucs' encoder (Défossez, "Hybrid Spectrogram and Waveform Source
/// Separation", section 4.1, with layer scale after Touvron et al., arXiv 2103.17239).
public struct GatedGroupNorm: Sendable {
  private let channels: Int
  private let weight: [Float]
  private let bias: [Float]
  private let gain: [Float]
  private let epsilon: Float

  /// - Parameters:
  ///   - channels: Of the output; the input has twice as many.
  ///   - weight: (2 channels)
  ///   - bias: (2 channels)
  ///   - gain: (channels)
  public init(
    channels: Int, weight: [Float], bias: [Float], gain: [Float], epsilon: Float = 1e-5
  ) throws(NeuralNetworkError) {
    guard channels > 0, 2 * channels <= Int(KERNEL_MAXIMUM_CHANNELS) else {
      throw NeuralNetworkError(
        .unsupported,
        "A normalisation has \(2 * channels) channels; up to \(KERNEL_MAXIMUM_CHANNELS) are "
          + "supported.")
    }
    try expect(weight, count: 2 * channels, "normalisation's weight")
    try expect(bias, count: 2 * channels, "normalisation's bias")
    try expect(gain, count: channels, "layer's scale")
    self.channels = channels
    self.weight = weight
    self.bias = bias
    self.gain = gain
    self.epsilon = epsilon
  }

  /// Adds to (examples, rows, channels) what it makes of (examples, rows, 2 channels).
  public func run(
    _ input: UnsafePointer<Float>, addingTo output: UnsafeMutablePointer<Float>, examples: Int,
    rows: Int, on executor: Executor
  ) {
    let kernels = executor.plan.kernels.functions
    executor.split(examples) { range, _ in
      let start = range.lowerBound * rows * channels
      kernels.group_norm_gated(
        input + 2 * start, output + start, Int64(range.count), Int64(rows), Int64(channels),
        weight, bias, epsilon, gain)
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
