// SPDX-License-Identifier: MIT
import NeuralNetwork

/// A layer of the decoder: the encoder's output of the same level is added, then a gated convolution
/// that sees the neighbours, the residual branches, and a transposed convolution, with GELU unless
/// it is the last.
///
/// Défossez, arXiv 2111.03600, figure 2. A layer without a gate is the transposed convolution alone.
struct DemucsDecoderLayer: Sendable {
  let input: DemucsGrid
  let output: DemucsGrid
  /// Zero rows that the input needs before and after it.
  let haloRows: Int
  private let gate: Gate?
  private let upsampling: Upsampling
  private let norm: GroupNorm?
  private let uncropped: DemucsGrid
  /// Floats of the uncropped output before the part that is kept.
  private let offset: Int

  private enum Upsampling: Sendable {
    case frequency(ConvolutionTranspose)
    case time(ConvolutionTranspose1D)
  }

  private struct Gate: Sendable {
    let chunks: [Chunk]
    let norm: GroupNorm?
  }

  /// Some rows and the operations for as many.
  private struct Chunk: Sendable {
    let start: Int
    let rows: Int
    let convolution: Convolution2D
    let residual: DemucsResidual?
  }

  /// Floats of working memory.
  var temporaryCount: Int {
    guard let gate else { return 0 }
    let wide = gate.chunks.map { 2 * $0.rows * input.frames * input.channels }.max() ?? 0
    return input.count + max(wide, gate.chunks.compactMap(\.residual?.temporaryCount).max() ?? 0)
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
    let context = configuration.context
    haloRows = sampling.isFrequency && hasGate ? context : 0
    gate =
      hasGate
      ? try Self.gate(
        weights, configuration: configuration, index: index, input: input, sampling: sampling,
        isNormed: isNormed, in: plan) : nil

    let weight = try weights["conv_tr"].convolutionWeight(
      input.channels, channels, sampling.isFrequency ? sampling.kernel : 1,
      sampling.isFrequency ? 1 : sampling.kernel)
    let bias = try weights["conv_tr"].values("bias", channels)
    let isFused = isFollowedByGELU && !isNormed
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
      offset = (sampling.padding - trim) * input.frames * channels
      let rows = uncropped.rows
      upsampling = .frequency(
        try weights.make { () throws(NeuralNetworkError) in
          try ConvolutionTranspose(
            rows: input.rows, columns: input.frames, inputChannels: input.channels,
            outputChannels: channels, kernel: sampling.kernel, stride: sampling.stride,
            trim: trim, outputRows: rows, weights: weight, bias: bias, isFollowedByGELU: isFused)
        })
    } else {
      let layer = try weights.make { () throws(NeuralNetworkError) in
        try ConvolutionTranspose1D(
          frames: input.frames, inputChannels: input.channels, outputChannels: channels,
          kernel: sampling.kernel, stride: sampling.stride, weights: weight, bias: bias,
          finish: isFused ? .gelu : .write, in: plan)
      }
      uncropped.frames = layer.outputFrames
      output.frames = length
      offset = sampling.padding * channels
      upsampling = .time(layer)
    }
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

  private static func gate(
    _ weights: NetworkWeights, configuration: DemucsConfiguration, index: Int, input: DemucsGrid,
    sampling: DemucsSampling, isNormed: Bool, in plan: NetworkPlan
  ) throws(SeparationError) -> Gate {
    let context = configuration.context
    let rows = isNormed ? input.rows : DemucsEncoderLayer.chunkRows(of: input, in: plan)
    var chunks: [Chunk] = []
    for start in stride(from: 0, to: input.rows, by: rows) {
      let count = min(rows, input.rows - start)
      if let same = chunks.first, same.rows == count {
        chunks.append(
          Chunk(start: start, rows: count, convolution: same.convolution, residual: same.residual))
        continue
      }
      var shape = Convolution2D.Shape(
        height: count + (sampling.isFrequency ? 2 * context : 0), width: input.frames,
        inputChannels: input.channels, outputChannels: 2 * input.channels)
      shape.kernel = (sampling.isFrequency ? 1 + 2 * context : 1, 1 + 2 * context)
      shape.padding = (0, 0, context, context)
      chunks.append(
        Chunk(
          start: start, rows: count,
          convolution: try weights["rewrite"].convolution(shape, in: plan),
          residual: configuration.hasDecoderBranches
            ? try DemucsResidual(
              weights["dconv"], configuration: configuration, index: index, rows: count,
              frames: input.frames, channels: input.channels, in: plan) : nil))
    }
    return Gate(
      chunks: chunks,
      norm: isNormed
        ? try weights["norm1"].groupNorm(2 * input.channels, groups: configuration.normGroups)
        : nil)
  }

  /// - Parameters:
  ///   - x: Overwritten, with `haloRows` rows before and after it that are set to zero. (input grid)
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
    if let skip { executor.add(skip, to: x, count: input.count) }
    if let gate {
      let row = input.frames * input.channels
      (x - haloRows * row).update(repeating: 0, count: haloRows * row)
      (x + input.count).update(repeating: 0, count: haloRows * row)
      let y = temporary  // (input grid)
      let rest = y + input.count
      for chunk in gate.chunks {
        let part = y + chunk.start * row
        let positions = chunk.rows * input.frames
        chunk.convolution.run(x + (chunk.start - haloRows) * row, rest, on: executor)
        gate.norm?.run(rest, rest, examples: 1, rows: positions, on: executor)
        executor.glu(rest, part, rows: positions, channels: input.channels)
        chunk.residual?.run(part, temporary: rest, on: executor)
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
