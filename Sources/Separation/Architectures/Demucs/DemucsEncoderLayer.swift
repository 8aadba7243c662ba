// SPDX-License-Identifier: MIT
import NeuralNetwork

/// A layer of the encoder: a strided convolution, GELU, the residual branches, and a gated
/// convolution over single positions.
///
/// Défossez, arXiv 2111.03600, figure 2.
struct DemucsEncoderLayer: Sendable {
  let input: DemucsGrid
  let output: DemucsGrid
  private let convolution: Convolution2D
  private let norm: GroupNorm?
  private let followsInjection: Bool
  private let chunks: [Chunk]
  private let gateNorm: GroupNorm?
  /// What is added to every row of the result; empty for nothing. (rows, channels)
  private let embedding: [[Float]]

  /// Some rows and the operations for as many.
  private struct Chunk: Sendable {
    let start: Int
    let rows: Int
    let residual: DemucsResidual?
    let gate: Convolution2D

    func temporaryCount(_ grid: DemucsGrid) -> Int {
      max(residual?.temporaryCount ?? 0, 2 * rows * grid.frames * grid.channels)
    }
  }

  /// Floats of working memory.
  var temporaryCount: Int { chunks.map { $0.temporaryCount(output) }.max() ?? 0 }

  /// Floats of the widest activation of a chunk: 1 MiB.
  static let chunkFloatCount = 262_144

  /// Rows of a chunk whose widest activation has twice the grid's channels.
  static func chunkRows(of grid: DemucsGrid, in plan: NetworkPlan) -> Int {
    max(1, min(grid.rows, plan.threadCount * chunkFloatCount / (2 * grid.frames * grid.channels)))
  }

  /// - Parameters:
  ///   - index: Of the layer, from 0.
  ///   - followsInjection: Whether the other branch is added after the convolution.
  ///   - embedding: Added to every row of the result.
  init(
    _ weights: NetworkWeights, configuration: DemucsConfiguration, index: Int, input: DemucsGrid,
    channels: Int, sampling: DemucsSampling, followsInjection: Bool = false,
    embedding: [[Float]] = [], in plan: NetworkPlan
  ) throws(SeparationError) {
    var output = input
    output.channels = channels
    if sampling.isFrequency {
      output.rows = sampling.outputs(of: input.rows)
    } else {
      output.frames = sampling.outputs(of: input.frames)
    }
    let isNormed = index >= configuration.normStart
    convolution = try Self.convolution(
      weights, input: input, channels: channels, sampling: sampling,
      finish: isNormed || followsInjection ? .write : .gelu, in: plan)
    norm =
      isNormed
      ? try weights["norm1"].groupNorm(
        channels, groups: configuration.normGroups, activation: .gelu) : nil
    gateNorm =
      isNormed
      ? try weights["norm2"].groupNorm(2 * channels, groups: configuration.normGroups) : nil

    // A norm looks at the whole grid at once.
    let rows = isNormed ? output.rows : Self.chunkRows(of: output, in: plan)
    var chunks: [Chunk] = []
    for start in stride(from: 0, to: output.rows, by: rows) {
      let count = min(rows, output.rows - start)
      if let same = chunks.first, same.rows == count {
        chunks.append(Chunk(start: start, rows: count, residual: same.residual, gate: same.gate))
        continue
      }
      let gate = Convolution2D.Shape(
        height: count, width: output.frames, inputChannels: channels, outputChannels: 2 * channels)
      chunks.append(
        Chunk(
          start: start, rows: count,
          residual: configuration.hasEncoderBranches
            ? try DemucsResidual(
              weights["dconv"], configuration: configuration, index: index, rows: count,
              frames: output.frames, channels: channels, in: plan) : nil,
          gate: try weights["rewrite"].convolution(gate, in: plan)))
    }
    self.input = input
    self.output = output
    self.followsInjection = followsInjection
    self.chunks = chunks
    self.embedding = embedding
  }

  /// The strided convolution alone.
  static func convolution(
    _ weights: NetworkWeights, input: DemucsGrid, channels: Int, sampling: DemucsSampling,
    finish: Finish, in plan: NetworkPlan
  ) throws(SeparationError) -> Convolution2D {
    var shape = Convolution2D.Shape(
      height: input.rows, width: input.frames, inputChannels: input.channels,
      outputChannels: channels)
    if sampling.isFrequency {
      shape.kernel = (sampling.kernel, 1)
      shape.stride = (sampling.stride, 1)
      shape.padding = (sampling.padding, sampling.padding, 0, 0)
    } else {
      shape.kernel = (1, sampling.kernel)
      shape.stride = (1, sampling.stride)
      // Frames are filled up with zeros to a multiple of the stride.
      let missing = (sampling.stride - input.frames % sampling.stride) % sampling.stride
      shape.padding = (0, 0, sampling.padding, sampling.padding + missing)
    }
    return try weights["conv"].convolution(shape, finish: finish, in: plan)
  }

  /// - Parameters:
  ///   - input: (input grid)
  ///   - injection: The time branch where both meet. (output grid)
  ///   - output: (output grid)
  func run(
    _ input: UnsafePointer<Float>, injection: UnsafePointer<Float>? = nil,
    _ output: UnsafeMutablePointer<Float>, temporary: UnsafeMutablePointer<Float>,
    on executor: Executor
  ) {
    let grid = self.output
    convolution.run(input, output, on: executor)
    if let injection { executor.add(injection, to: output, count: grid.count) }
    if let norm {
      norm.run(output, output, examples: 1, rows: grid.positions, on: executor)
    } else if followsInjection {
      executor.gelu(output, output, count: grid.count)
    }
    for chunk in chunks {
      let positions = chunk.rows * grid.frames
      let part = output + chunk.start * grid.frames * grid.channels
      chunk.residual?.run(part, temporary: temporary, on: executor)
      chunk.gate.run(part, temporary, on: executor)
      gateNorm?.run(temporary, temporary, examples: 1, rows: positions, on: executor)
      executor.glu(temporary, part, rows: positions, channels: grid.channels)
      guard !embedding.isEmpty else { continue }
      for row in chunk.start..<chunk.start + chunk.rows {
        executor.add(
          channels: embedding[row], to: output + row * grid.frames * grid.channels,
          rowCount: grid.frames)
      }
    }
  }
}
