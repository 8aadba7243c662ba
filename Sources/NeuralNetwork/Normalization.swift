// SPDX-License-Identifier: MIT
internal import CNeuralKernels

/// Group normalisation with one group: each example is brought to mean 0 and variance 1 over all of
/// its values, then every channel has a gain and an offset (Wu and He, arXiv 1803.08494).
public struct GroupNorm: Sendable {
  private let channels: Int
  private let weight: [Float]
  private let bias: [Float]
  private let epsilon: Float
  private let isFollowedBySwish: Bool

  /// - Parameters:
  ///   - weight: (channels)
  ///   - bias: (channels)
  ///   - isFollowedBySwish: Multiplies the result by its own sigmoid.
  public init(
    channels: Int, weight: [Float], bias: [Float], epsilon: Float = 1e-5,
    isFollowedBySwish: Bool = false
  ) throws(NeuralNetworkError) {
    guard channels > 0, channels <= Int(KERNEL_MAXIMUM_CHANNELS) else {
      throw NeuralNetworkError(
        .unsupported,
        "A normalisation has \(channels) channels; up to \(KERNEL_MAXIMUM_CHANNELS) are supported.")
    }
    try expect(weight, count: channels, "normalisation's weight")
    try expect(bias, count: channels, "normalisation's bias")
    self.channels = channels
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
    self.isFollowedBySwish = isFollowedBySwish
  }

  /// Normalises `examples` examples of (rows, channels) one by one.
  ///
  /// Input and output may be the same.
  public func run(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, examples: Int, rows: Int,
    on executor: Executor
  ) {
    let kernels = executor.plan.kernels.functions
    executor.split(examples) { range, _ in
      let start = range.lowerBound * rows * channels
      kernels.group_norm(
        input + start, output + start, Int64(range.count), Int64(rows), Int64(channels), weight,
        bias, epsilon, isFollowedBySwish ? 1 : 0)
    }
  }
}
