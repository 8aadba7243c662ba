// SPDX-License-Identifier: MIT
import NeuralNetwork

/// A layer of the decoder: the encoder's output of the same level is added, then a gated convolution
/// that sees the neighbours, the residual branches, and a transposed convolution, with GELU unless
/// it is the last.
///
/// Défossez, arXiv 2111.03600, figure 2. A layer without a gate is the transposed convolution alone.
struct DemucsDecoderLayer: Sendable {
  private(set) var input: DemucsGrid
  private(set) var output: DemucsGrid
  private var gate: DemucsGate?
  private var residual: DemucsResidual?
  private var upsampling: Upsampling
  private let norm: GroupNorm?
  private var uncropped: DemucsGrid
  /// Rows or frames of the uncropped output before the part that is kept.
  private let margin: Int

  private enum Upsampling: Sendable {
    case frequency(ConvolutionTranspose)
    case time(ConvolutionTranspose1D)
  }

  /// Floats of working memory.
  var temporaryCount: Int {
    guard let gate else { return 0 }
    return input.count + max(gate.temporaryCount, residual?.temporaryCount ?? 0)
  }

  /// Floats that the output takes before it is cut.
  var outputCount: Int { uncropped.count }

  /// - Parameters:
  ///   - length: Frames that are kept, in the time branch.
  ///   - hasGate: Whether there is anything but the transposed convolution.
  init(
    _ weights: NetworkWeights, configuration: DemucsConfiguration, index: Int, input: DemucsGrid,
    channels: Int, sampling: DemucsSampling, length: Int, hasGate: Bool, in plan: NetworkPlan
  ) throws(SeparationError) {
    let isNormed = index >= configuration.normStart
    let isFollowedByGELU = index > 0
    gate =
      hasGate
      ? try DemucsGate(
        weights, configuration: configuration, grid: input, sampling: sampling,
        isNormed: isNormed, in: plan) : nil
    residual =
      hasGate && configuration.hasDecoderBranches
      ? try DemucsResidual(
        weights["dconv"], configuration: configuration, index: index, rows: input.rows,
        frames: input.frames, channels: input.channels, in: plan) : nil
    if let residual, input.rows > 1 { plan.reserveActivations(residual.temporaryCount) }

    let weight = try weights["conv_tr"].convolutionWeight(
      input.channels, channels, sampling.isFrequency ? sampling.kernel : 1,
      sampling.isFrequency ? 1 : sampling.kernel)
    let bias = try weights["conv_tr"].values("bias", channels)
    let finish: Finish = isFollowedByGELU && !isNormed ? .gelu : .write
    var uncropped = input
    var output = input
    uncropped.channels = channels
    output.channels = channels
    if sampling.isFrequency {
      uncropped.rows = (input.rows - 1) * sampling.stride + sampling.kernel
      output.rows = uncropped.rows - 2 * sampling.padding
      // A norm sees what is cut off later.
      let trim = isNormed ? 0 : sampling.padding
      uncropped.rows -= 2 * trim
      margin = sampling.padding - trim
      let rows = uncropped.rows
      upsampling = .frequency(
        try weights.make { () throws(NeuralNetworkError) in
          try ConvolutionTranspose(
            rows: input.rows, columns: input.frames, inputChannels: input.channels,
            outputChannels: channels, kernel: sampling.kernel, stride: sampling.stride,
            trim: trim, outputRows: rows, weights: weight, bias: bias, finish: finish, in: plan)
        })
    } else {
      let layer = try weights.make { () throws(NeuralNetworkError) in
        try ConvolutionTranspose1D(
          frames: input.frames, inputChannels: input.channels, outputChannels: channels,
          kernel: sampling.kernel, stride: sampling.stride, weights: weight, bias: bias,
          finish: finish, in: plan)
      }
      uncropped.frames = layer.outputFrames
      output.frames = length
      margin = sampling.padding
      upsampling = .time(layer)
    }
    let offset = margin * (sampling.isFrequency ? input.frames : 1) * channels
    guard output.frames > 0, offset + output.count <= uncropped.count else {
      throw SeparationError(
        code: .unsupported,
        message: "\(weights.tensors.name): the network's layers do not fit each other.")
    }
    norm =
      isNormed
      ? try weights["norm2"].groupNorm(
        channels, groups: configuration.normGroups, activation: isFollowedByGELU ? .gelu : .none)
      : nil
    self.input = input
    self.output = output
    self.uncropped = uncropped
  }

  /// Floats of the uncropped output before the part that is kept.
  private var offset: Int {
    switch upsampling {
    case .frequency: margin * uncropped.frames * uncropped.channels
    case .time: margin * uncropped.channels
    }
  }

  /// The same layer over another number of frames.
  ///
  /// - Parameter length: Frames that are kept, in the time branch.
  func resized(frames: Int, length: Int) -> DemucsDecoderLayer {
    var copy = self
    copy.input.frames = frames
    copy.gate = gate?.resized(frames: frames)
    copy.residual = residual?.resized(frames: frames)
    switch upsampling {
    case .frequency(let layer):
      copy.upsampling = .frequency(layer.resized(columns: frames))
      copy.uncropped.frames = frames
      copy.output.frames = frames
    case .time(let layer):
      let layer = layer.resized(frames: frames)
      copy.upsampling = .time(layer)
      copy.uncropped.frames = layer.outputFrames
      copy.output.frames = length
    }
    return copy
  }

  /// - Parameters:
  ///   - x: May be overwritten. (input grid)
  ///   - skip: The encoder's output of this level. (input grid)
  ///   - output: `outputCount` floats.
  ///   - temporary: Begins with the gated signal (input grid) when this returns.
  /// - Returns: Where the output grid begins in `output`.
  func run(
    _ x: UnsafeMutablePointer<Float>, skip: UnsafePointer<Float>?,
    _ output: UnsafeMutablePointer<Float>, temporary: UnsafeMutablePointer<Float>,
    on executor: Executor
  ) -> UnsafeMutablePointer<Float> {
    var source = UnsafePointer(x)
    if let gate {
      let y = temporary  // (input grid)
      gate.run(x, skip: skip, y, temporary: y + input.count, on: executor)
      if let residual {
        let row = input.frames * input.channels
        if input.rows > 1 {
          executor.split(input.rows) { range, part in
            for index in range {
              residual.run(y + index * row, temporary: part.activations, on: part)
            }
          }
        } else {
          residual.run(y, temporary: y + input.count, on: executor)
        }
      }
      source = UnsafePointer(y)
    }
    switch upsampling {
    case .frequency(let layer): layer.run(source, output, on: executor)
    case .time(let layer): layer.run(source, output, on: executor)
    }
    norm?.run(output, output, examples: 1, rows: uncropped.positions, on: executor)
    return output + offset
  }
}
