// SPDX-License-Identifier: MIT
import NeuralNetwork

/// The compressed residual branches of a layer of Demucs: along the frames of every row, twice, a
/// dilated convolution to a few channels, GELU, and a gated convolution back.
///
/// Défossez, arXiv 2111.03600, section 4.1.
struct DemucsResidual: Sendable {
  private var layers: [DemucsResidualLayer]

  /// Floats of working memory for a row.
  var temporaryCount: Int { layers.map(\.temporaryCount).max() ?? 0 }

  /// - Parameter rows: The rows of the grid.
  init(
    _ weights: NetworkWeights, configuration: DemucsConfiguration, index: Int, rows: Int,
    frames: Int, channels: Int, in plan: NetworkPlan
  ) throws(SeparationError) {
    var layers: [DemucsResidualLayer] = []
    for depth in 0..<configuration.branchDepth {
      layers.append(
        try DemucsResidualLayer(
          weights["layers"][depth], configuration: configuration, index: index, rows: rows,
          frames: frames, channels: channels, dilation: 1 << depth, in: plan))
    }
    self.layers = layers
  }

  /// The same branches over fewer frames.
  func resized(frames: Int) -> DemucsResidual {
    var copy = self
    copy.layers = layers.map { $0.resized(frames: frames) }
    return copy
  }

  /// One row: x += layer(x) for each layer. (frames, channels)
  func run(
    _ x: UnsafeMutablePointer<Float>, temporary: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    for layer in layers { layer.run(x, temporary: temporary, on: executor) }
  }
}

/// One branch of ``DemucsResidual``.
private struct DemucsResidualLayer: Sendable {
  private var frames: Int
  private let hidden: Int
  private var contraction: FrameConvolution
  private let contractionNorm: GroupNorm
  private var recurrence: DemucsRecurrence?
  private var attention: LocalAttention?
  private let expansion: GatedNorm

  var temporaryCount: Int {
    frames * hidden + max(recurrence?.temporaryCount ?? 0, attention?.temporaryCount ?? 0)
  }

  init(
    _ weights: NetworkWeights, configuration: DemucsConfiguration, index: Int, rows: Int,
    frames: Int, channels: Int, dilation: Int, in plan: NetworkPlan
  ) throws(SeparationError) {
    let hidden = configuration.branchChannels(of: channels)
    self.frames = frames
    self.hidden = hidden
    // Convolution, norm and GELU come first; what follows is numbered on from there.
    var number = 3
    if index >= configuration.recurrenceStart {
      recurrence = try DemucsRecurrence(
        weights[number], rows: rows, frames: frames, channels: hidden, in: plan)
      number += 1
    } else {
      recurrence = nil
    }
    if index >= configuration.attentionStart {
      attention = try LocalAttention(
        weights[number], rows: rows, frames: frames, channels: hidden, in: plan)
      number += 1
    } else {
      attention = nil
    }

    var shape = FrameConvolution.Shape(
      frames: frames, inputChannels: channels, outputChannels: hidden)
    shape.kernel = 3
    shape.dilation = dilation
    shape.padding = dilation
    contraction = try weights[0].convolution(shape, in: plan)
    contractionNorm = try weights[1].groupNorm(hidden, activation: .gelu)

    let layerWeight = try weights[number].convolutionWeight(2 * channels, hidden, 1, 1)
    let layerBias = try weights[number].values("bias", 2 * channels)
    let normWeight = try weights[number + 1].values("weight", 2 * channels)
    let normBias = try weights[number + 1].values("bias", 2 * channels)
    let gain = try weights[number + 3].values("scale", channels)
    expansion = try weights.make { () throws(NeuralNetworkError) in
      try GatedNorm(
        inputs: hidden, channels: channels, layerWeight: layerWeight, layerBias: layerBias,
        weight: normWeight, bias: normBias, gain: gain, in: plan)
    }
  }

  func resized(frames: Int) -> DemucsResidualLayer {
    var copy = self
    copy.frames = frames
    copy.contraction = contraction.resized(frames: frames, outputFrames: frames)
    copy.recurrence = recurrence?.resized(frames: frames)
    copy.attention = attention?.resized(frames: frames)
    return copy
  }

  func run(
    _ x: UnsafeMutablePointer<Float>, temporary: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    let narrow = temporary  // (frames, hidden)
    let rest = narrow + frames * hidden
    contraction.run(x, narrow, on: executor)
    contractionNorm.run(narrow, narrow, examples: 1, rows: frames, on: executor)
    recurrence?.run(narrow, temporary: rest, on: executor)
    attention?.run(narrow, temporary: rest, on: executor)
    expansion.run(narrow, addingTo: x, frames: frames, on: executor)
  }
}
