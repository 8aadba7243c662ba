// SPDX-License-Identifier: MIT
import NeuralNetwork

/// A layer of the encoder: a strided convolution, GELU, the residual branches, and a gated
/// convolution over single positions.
///
/// Défossez, arXiv 2111.03600, figure 2.
struct DemucsEncoderLayer: Sendable {
  private var downsampling: DemucsDownsampling
  private let followsInjection: Bool
  private var residual: DemucsResidual?
  private var gate: FrameConvolution
  private let norms: Norms?
  /// What is added to every row of the result; empty for nothing. (rows, channels)
  private let embedding: [[Float]]

  /// Norms over the whole grid, before the residual branches and before the gate.
  private struct Norms: Sendable {
    let input: GroupNorm
    let gate: GroupNorm
  }

  var output: DemucsGrid { downsampling.output }

  /// Floats of working memory.
  var temporaryCount: Int {
    guard !isRowByRow else { return 0 }
    return output.count + max(residual?.temporaryCount ?? 0, norms == nil ? 0 : 2 * output.count)
  }

  /// Whether every row of the output can be made from beginning to end by one thread, in the cache.
  private var isRowByRow: Bool { norms == nil && output.rows > 1 }

  /// - Parameters:
  ///   - index: Of the layer, from 0.
  ///   - followsInjection: Whether the other branch is added after the convolution.
  ///   - embedding: Added to every row of the result.
  init(
    _ weights: NetworkWeights, configuration: DemucsConfiguration, index: Int, input: DemucsGrid,
    channels: Int, sampling: DemucsSampling, followsInjection: Bool = false,
    embedding: [[Float]] = [], in plan: NetworkPlan
  ) throws(SeparationError) {
    downsampling = try DemucsDownsampling(
      weights["conv"], input: input, channels: channels, sampling: sampling, in: plan)
    let output = downsampling.output
    let isNormed = index >= configuration.normStart
    norms =
      isNormed
      ? Norms(
        input: try weights["norm1"].groupNorm(
          channels, groups: configuration.normGroups, activation: .gelu),
        gate: try weights["norm2"].groupNorm(2 * channels, groups: configuration.normGroups))
      : nil
    residual =
      configuration.hasEncoderBranches
      ? try DemucsResidual(
        weights["dconv"], configuration: configuration, index: index, rows: output.rows,
        frames: output.frames, channels: channels, in: plan) : nil
    var shape = FrameConvolution.Shape(
      frames: output.frames, inputChannels: channels,
      outputChannels: isNormed ? 2 * channels : channels)
    shape.isGated = !isNormed
    gate = try weights["rewrite"].convolution(shape, in: plan)
    self.followsInjection = followsInjection
    self.embedding = embedding
    if isRowByRow {
      plan.reserveActivations(output.frames * channels + (residual?.temporaryCount ?? 0))
    }
  }

  /// The same layer over another number of frames.
  func resized(input: DemucsGrid) -> DemucsEncoderLayer {
    var copy = self
    copy.downsampling = downsampling.resized(input: input)
    let frames = copy.output.frames
    copy.residual = residual?.resized(frames: frames)
    copy.gate = gate.resized(frames: frames, outputFrames: frames)
    return copy
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
    let row = self.output.frames * self.output.channels
    if isRowByRow {
      executor.split(self.output.rows) { range, part in
        let x = part.activations
        for index in range {
          downsampling.run(
            input, row: index, x, finish: followsInjection ? .write : .gelu, on: part)
          if let injection {
            part.add(injection + index * row, to: x, count: row)
            part.gelu(x, x, count: row)
          }
          residual?.run(x, temporary: x + row, on: part)
          gate.run(x, output + index * row, on: part)
          embed(output + index * row, row: index, on: part)
        }
      }
    } else {
      runWhole(input, injection: injection, output, temporary: temporary, on: executor)
    }
  }

  private func runWhole(
    _ input: UnsafePointer<Float>, injection: UnsafePointer<Float>?,
    _ output: UnsafeMutablePointer<Float>, temporary: UnsafeMutablePointer<Float>,
    on executor: Executor
  ) {
    let grid = self.output
    let row = grid.frames * grid.channels
    let x = temporary
    let rest = x + grid.count
    let isFinished = norms == nil && !followsInjection
    for index in 0..<grid.rows {
      downsampling.run(
        input, row: index, x + index * row, finish: isFinished ? .gelu : .write, on: executor)
    }
    if let injection { executor.add(injection, to: x, count: grid.count) }
    if let norms {
      norms.input.run(x, x, examples: 1, rows: grid.positions, on: executor)
    } else if followsInjection {
      executor.gelu(x, x, count: grid.count)
    }
    for index in 0..<grid.rows {
      residual?.run(x + index * row, temporary: rest, on: executor)
    }
    for index in 0..<grid.rows {
      gate.run(
        x + index * row, norms == nil ? output + index * row : rest + 2 * index * row, on: executor)
    }
    if let norms {
      norms.gate.run(rest, rest, examples: 1, rows: grid.positions, on: executor)
      executor.glu(rest, output, rows: grid.positions, channels: grid.channels)
    }
    for index in 0..<grid.rows { embed(output + index * row, row: index, on: executor) }
  }

  private func embed(_ x: UnsafeMutablePointer<Float>, row: Int, on executor: Executor) {
    guard !embedding.isEmpty else { return }
    executor.add(channels: embedding[row], to: x, rowCount: output.frames)
  }
}
