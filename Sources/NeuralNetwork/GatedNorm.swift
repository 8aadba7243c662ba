// SPDX-License-Identifier: MIT
internal import CNeuralKernels

/// A residual branch's end: adds gain · GLU(group norm(linear layer(x))) to what is there.
///
/// The end of a branch of Demucs' encoder (Défossez, "Hybrid Spectrogram and Waveform Source
/// Separation", section 4.1, with layer scale after Touvron et al., arXiv 2103.17239). The layer
/// gives many more channels than it takes, so its output is never made: the output's mean and
/// variance follow from the means and covariances of the input, and the norm is folded into the
/// weights.
public struct GatedNorm: Sendable {
  private let inputs: Int
  private let channels: Int
  private let layerWeight: [Float]  // (2 channels, inputs)
  private let layerBias: [Float]
  private let weight: [Float]
  private let bias: [Float]
  private let gain: [Float]
  private let epsilon: Double
  /// The mean over the output channels of products of two weights. (inputs, inputs)
  private let weightProducts: [Double]
  private let packedCount: Int

  /// - Parameters:
  ///   - inputs: Channels of the input.
  ///   - channels: Of the output.
  ///   - layerWeight: The linear layer's. (2 channels, inputs)
  ///   - layerBias: (2 channels)
  ///   - weight: The norm's. (2 channels)
  ///   - bias: (2 channels)
  ///   - gain: (channels)
  public init(
    inputs: Int, channels: Int, layerWeight: [Float], layerBias: [Float], weight: [Float],
    bias: [Float], gain: [Float], epsilon: Double = 1e-5, in plan: NetworkPlan
  ) throws(NeuralNetworkError) {
    try expect(layerWeight, count: 2 * channels * inputs, "convolution's weight")
    try expect(layerBias, count: 2 * channels, "convolution's bias")
    try expect(weight, count: 2 * channels, "normalisation's weight")
    try expect(bias, count: 2 * channels, "normalisation's bias")
    try expect(gain, count: channels, "layer's scale")
    var products = [Double](repeating: 0, count: inputs * inputs)
    for channel in 0..<2 * channels {
      let row = layerWeight[channel * inputs..<(channel + 1) * inputs].map(Double.init)
      for i in 0..<inputs {
        for j in 0..<inputs { products[i * inputs + j] += row[i] * row[j] }
      }
    }
    weightProducts = products.map { $0 / Double(2 * channels) }
    self.inputs = inputs
    self.channels = channels
    self.layerWeight = layerWeight
    self.layerBias = layerBias
    self.weight = weight
    self.bias = bias
    self.gain = gain
    self.epsilon = epsilon
    packedCount = Int(
      plan.kernels.functions.product_packed_count(Int64(inputs), Int64(channels), 1))
    plan.reserveScratch(scratchCount)
  }

  /// Packed weights, folded weights and biases, and in double precision means and covariances.
  private var scratchCount: Int {
    packedCount + 2 * channels * (inputs + 1) + 2 * inputs * (inputs + 1) + 2 * Arena.alignment
  }

  /// Adds to (frames, channels) what it makes of (frames, inputs).
  public func run(
    _ input: UnsafePointer<Float>, addingTo output: UnsafeMutablePointer<Float>, frames: Int,
    on executor: Executor
  ) {
    let functions = executor.plan.kernels.functions
    let packed = executor.scratch
    let foldedWeight = packed + (packedCount + 15) / 16 * 16
    let foldedBias = foldedWeight + 2 * channels * inputs
    let statistics = UnsafeMutableRawPointer(foldedBias + (2 * channels + 15) / 16 * 16)
    statistics.withMemoryRebound(to: Double.self, capacity: inputs * (inputs + 1)) { means in
      fold(
        means, covariances: means + inputs, input, frames: frames, foldedWeight, foldedBias,
        functions)
    }
    functions.product_pack(
      Int64(inputs), Int64(channels), 1, foldedWeight, foldedBias, packed)
    executor.split(frames, grain: PackedProduct.grain) { range, part in
      var shape = kernel_product(
        rows: Int64(range.count), depth: Int64(inputs), taps: 1, first_tap: 0, tap_count: 1,
        outputs: Int64(channels), input_row: Int64(inputs), input_tap: 0,
        output_row: Int64(channels), finish: Int32(KERNEL_GATED_ACCUMULATE))
      functions.product_packed(
        &shape, packed, input + range.lowerBound * inputs, output + range.lowerBound * channels)
    }
  }

  /// The weights of a linear layer that gives the normalised channels, the gain included.
  private func fold(
    _ means: UnsafeMutablePointer<Double>, covariances: UnsafeMutablePointer<Double>,
    _ input: UnsafePointer<Float>, frames: Int, _ foldedWeight: UnsafeMutablePointer<Float>,
    _ foldedBias: UnsafeMutablePointer<Float>, _ functions: kernel_set
  ) {
    functions.covariance(input, Int64(frames), Int64(inputs), means, covariances)
    // The variance of all outputs: within the channels, and of the channels' means.
    var within = 0.0
    for index in 0..<inputs * inputs { within += weightProducts[index] * covariances[index] }
    var total = 0.0
    var squares = 0.0
    layerWeight.withUnsafeBufferPointer { layerWeight in
      for channel in 0..<2 * channels {
        var mean = Double(layerBias[channel])
        for index in 0..<inputs {
          mean += Double(layerWeight[channel * inputs + index]) * means[index]
        }
        total += mean
        squares += mean * mean
      }
      let mean = total / Double(2 * channels)
      let variance = within + max(0, squares / Double(2 * channels) - mean * mean)
      let factor = 1 / (max(0, variance) + epsilon).squareRoot()
      for channel in 0..<2 * channels {
        let gain = channel < channels ? Double(self.gain[channel]) : 1
        let scale = Double(weight[channel]) * factor * gain
        for index in channel * inputs..<(channel + 1) * inputs {
          foldedWeight[index] = Float(Double(layerWeight[index]) * scale)
        }
        foldedBias[channel] = Float(
          (Double(layerBias[channel]) - mean) * scale + Double(bias[channel]) * gain)
      }
    }
  }
}
