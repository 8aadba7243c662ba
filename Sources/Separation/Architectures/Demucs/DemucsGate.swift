// SPDX-License-Identifier: MIT
import NeuralNetwork

/// The gated convolution of a decoder layer, which sees the neighbouring frames and, in the
/// frequency branch, the neighbouring rows.
struct DemucsGate: Sendable {
  private var grid: DemucsGrid
  private var kind: Kind

  private enum Kind: Sendable {
    /// The kernel of 3 × 3 of the released models.
    case square(GatedConvolution)
    case frames(FrameConvolution)
    case general(General)
  }

  /// A kernel of any size, row by row: the convolution of the row itself comes first.
  private struct General: Sendable {
    var rows: [(offset: Int, convolution: FrameConvolution)]
    /// Over the whole grid, before the gate.
    let norm: GroupNorm?
  }

  /// Floats of working memory.
  var temporaryCount: Int {
    if case .general = kind { 2 * grid.count } else { 0 }
  }

  init(
    _ weights: NetworkWeights, configuration: DemucsConfiguration, grid: DemucsGrid,
    sampling: DemucsSampling, isNormed: Bool, in plan: NetworkPlan
  ) throws(SeparationError) {
    self.grid = grid
    let channels = grid.channels
    let context = configuration.context
    let kernel = 1 + 2 * context
    let part = weights["rewrite"]
    var shape = FrameConvolution.Shape(
      frames: grid.frames, inputChannels: channels, outputChannels: channels)
    shape.kernel = kernel
    shape.padding = context
    if !sampling.isFrequency, !isNormed {
      shape.isGated = true
      kind = .frames(try part.convolution(shape, in: plan))
      return
    }
    let height = sampling.isFrequency ? kernel : 1
    let weight = try part.convolutionWeight(2 * channels, channels, height, kernel)
    let bias = try part.values("bias", 2 * channels)
    if sampling.isFrequency, context == 1, !isNormed {
      kind = .square(
        try weights.make { () throws(NeuralNetworkError) in
          try GatedConvolution(
            rows: grid.rows, frames: grid.frames, inputChannels: channels,
            outputChannels: channels, weights: weight, bias: bias, in: plan)
        })
      return
    }
    shape.outputChannels = 2 * channels
    let middle = height / 2
    var rows: [(offset: Int, convolution: FrameConvolution)] = []
    for index in [middle] + (0..<height).filter({ $0 != middle }) {
      var line: [Float] = []  // (2 channels, channels, kernel)
      for pair in 0..<2 * channels * channels {
        let start = (pair * height + index) * kernel
        line += weight[start..<start + kernel]
      }
      let lineBias = index == middle ? bias : bias.map { _ in 0 }
      rows.append(
        (
          index - middle,
          try weights.make { () throws(NeuralNetworkError) in
            try FrameConvolution(shape, weights: line, bias: lineBias, in: plan)
          }
        ))
    }
    kind = .general(
      General(
        rows: rows,
        norm: isNormed
          ? try weights["norm1"].groupNorm(2 * channels, groups: configuration.normGroups) : nil))
  }

  /// The same convolution over another number of frames.
  func resized(frames: Int) -> DemucsGate {
    var copy = self
    copy.grid.frames = frames
    switch kind {
    case .square(let layer): copy.kind = .square(layer.resized(frames: frames))
    case .frames(let layer):
      copy.kind = .frames(layer.resized(frames: frames, outputFrames: frames))
    case .general(var layer):
      layer.rows = layer.rows.map {
        ($0.offset, $0.convolution.resized(frames: frames, outputFrames: frames))
      }
      copy.kind = .general(layer)
    }
    return copy
  }

  /// - Parameters:
  ///   - x: May be overwritten. (grid)
  ///   - skip: Added to x. (grid)
  ///   - output: (grid)
  func run(
    _ x: UnsafeMutablePointer<Float>, skip: UnsafePointer<Float>?,
    _ output: UnsafeMutablePointer<Float>, temporary: UnsafeMutablePointer<Float>,
    on executor: Executor
  ) {
    if case .square(let layer) = kind {
      layer.run(x, adding: skip, output, on: executor)
      return
    }
    if let skip { executor.add(skip, to: x, count: grid.count) }
    let row = grid.frames * grid.channels
    switch kind {
    case .square: break
    case .frames(let layer):
      for index in 0..<grid.rows { layer.run(x + index * row, output + index * row, on: executor) }
    case .general(let layer):
      for index in 0..<grid.rows {
        for (offset, convolution) in layer.rows where (0..<grid.rows).contains(index + offset) {
          convolution.run(
            x + (index + offset) * row, temporary + 2 * index * row,
            finish: offset == 0 ? .write : .accumulate, on: executor)
        }
      }
      layer.norm?.run(temporary, temporary, examples: 1, rows: grid.positions, on: executor)
      executor.glu(temporary, output, rows: grid.positions, channels: grid.channels)
    }
  }
}
