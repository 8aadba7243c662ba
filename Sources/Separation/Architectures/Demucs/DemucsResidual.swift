// SPDX-License-Identifier: MIT
import NeuralNetwork

/// The compressed residual branches of a layer of Demucs: along the frames of every row, twice, a
/// dilated convolution to a few channels, GELU, and a gated convolution back.
///
/// Défossez, arXiv 2111.03600, section 4.1.
struct DemucsResidual: Sendable {
  private let layers: [DemucsResidualLayer]

  /// Floats of working memory.
  var temporaryCount: Int { layers.map(\.temporaryCount).max() ?? 0 }

  /// - Parameter rows: The rows that every call brings.
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

  /// x += layer(x) for each layer. (rows, frames, channels)
  func run(
    _ x: UnsafeMutablePointer<Float>, temporary: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    for layer in layers { layer.run(x, temporary: temporary, on: executor) }
  }
}

/// One branch of ``DemucsResidual``.
private struct DemucsResidualLayer: Sendable {
  private let rows: Int
  private let frames: Int
  private let channels: Int
  private let hidden: Int
  private let contraction: Convolution2D
  private let contractionNorm: GroupNorm
  private let recurrence: DemucsRecurrence?
  private let attention: LocalAttention?
  private let expansion: Convolution2D
  private let gate: GatedGroupNorm

  var temporaryCount: Int {
    rows * frames * (hidden + 2 * channels) + (recurrence?.temporaryCount ?? 0)
      + (attention?.temporaryCount ?? 0)
  }

  init(
    _ weights: NetworkWeights, configuration: DemucsConfiguration, index: Int, rows: Int,
    frames: Int, channels: Int, dilation: Int, in plan: NetworkPlan
  ) throws(SeparationError) {
    let hidden = Int(Double(channels) / configuration.branchCompression)
    guard hidden > 0 else {
      throw SeparationError(
        code: .unsupported,
        message: "\(weights.tensors.name): the network's residual branches would have no channels.")
    }
    self.rows = rows
    self.frames = frames
    self.channels = channels
    self.hidden = hidden
    let kernel = 3
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

    var contraction = Convolution2D.Shape(
      height: rows, width: frames, inputChannels: channels, outputChannels: hidden)
    contraction.kernel = (1, kernel)
    contraction.dilation = (1, dilation)
    contraction.padding = (0, 0, dilation, dilation)
    self.contraction = try weights[0].convolution(contraction, in: plan)
    contractionNorm = try weights[1].groupNorm(hidden, activation: .gelu)

    let expansion = Convolution2D.Shape(
      height: rows, width: frames, inputChannels: hidden, outputChannels: 2 * channels)
    self.expansion = try weights[number].convolution(expansion, in: plan)
    let gateWeight = try weights[number + 1].values("weight", 2 * channels)
    let gateBias = try weights[number + 1].values("bias", 2 * channels)
    let gain = try weights[number + 3].values("scale", channels)
    gate = try weights.make { () throws(NeuralNetworkError) in
      try GatedGroupNorm(channels: channels, weight: gateWeight, bias: gateBias, gain: gain)
    }
  }

  func run(
    _ x: UnsafeMutablePointer<Float>, temporary: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    let narrow = temporary  // (rows, frames, hidden)
    let wide = narrow + rows * frames * hidden  // (rows, frames, 2 channels)
    let rest = wide + rows * frames * 2 * channels
    contraction.run(x, narrow, on: executor)
    contractionNorm.run(narrow, narrow, examples: rows, rows: frames, on: executor)
    recurrence?.run(narrow, temporary: rest, on: executor)
    attention?.run(narrow, temporary: rest, on: executor)
    expansion.run(narrow, wide, on: executor)
    gate.run(wide, addingTo: x, examples: rows, rows: frames, on: executor)
  }
}
