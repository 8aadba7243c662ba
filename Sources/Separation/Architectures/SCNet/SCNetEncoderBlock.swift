// SPDX-License-Identifier: MIT
import NeuralNetwork

/// Samples the frequencies, finely at the bottom and coarsely at the top, and refines each band.
///
/// All activations are (frequencies, frames, channels).
struct SCNetEncoderBlock: Sendable {
  let inputBins: Int
  let outputBins: Int
  let inputChannels: Int
  let outputChannels: Int
  let bands: [SCNetBand]
  private let frames: Int
  private let sampling: [Convolution2D]
  private let modules: [[SCNetConvolutionLayer]]
  private let mixing: Convolution2D

  /// Floats of working memory.
  var temporaryCount: Int { modules.joined().map(\.temporaryCount).max() ?? 0 }

  init(
    _ weights: NetworkWeights, configuration: SCNetConfiguration, index: Int, inputBins: Int,
    frames: Int, in plan: NetworkPlan
  ) throws(SeparationError) {
    let inputs = configuration.dims[index]
    let outputs = configuration.dims[index + 1]
    self.inputBins = inputBins
    self.frames = frames
    inputChannels = inputs
    outputChannels = outputs
    bands = configuration.bands(of: inputBins)
    outputBins = bands.map(\.output.count).reduce(0, +)

    var sampling: [Convolution2D] = []
    var modules: [[SCNetConvolutionLayer]] = []
    for (number, band) in bands.enumerated() {
      var shape = Convolution2D.Shape(
        height: band.input.count, width: frames, inputChannels: inputs, outputChannels: outputs)
      shape.kernel = (band.kernel, 1)
      shape.stride = (band.stride, 1)
      shape.padding = (band.paddingBefore, band.paddingAfter, 0, 0)
      let part = weights["SDlayer.convs"][number]
      let weight = try part.values("weight", outputs, inputs, band.kernel, 1)
      let bias = try part.values("bias", outputs)
      sampling.append(
        try weights.make { () throws(NeuralNetworkError) in
          try Convolution2D(shape, weights: weight, bias: bias, in: plan)
        })
      var layers: [SCNetConvolutionLayer] = []
      for depth in 0..<configuration.convolutionDepths[number] {
        layers.append(
          try SCNetConvolutionLayer(
            weights["conv_modules"][number]["layers"][depth], rows: band.output.count,
            frames: frames, channels: outputs, hidden: outputs / configuration.compression,
            kernel: configuration.convolutionKernel, in: plan))
      }
      modules.append(layers)
    }
    self.sampling = sampling
    self.modules = modules

    var shape = Convolution2D.Shape(
      height: outputBins, width: frames, inputChannels: outputs, outputChannels: outputs)
    shape.kernel = (3, 3)
    shape.padding = (1, 1, 1, 1)
    let weight = try weights["globalconv"].values("weight", outputs, outputs, 3, 3)
    let bias = try weights["globalconv"].values("bias", outputs)
    mixing = try weights.make { () throws(NeuralNetworkError) in
      try Convolution2D(shape, weights: weight, bias: bias, in: plan)
    }
  }

  /// - Parameters:
  ///   - input: (inputBins, frames, inputChannels)
  ///   - skip: Kept for the decoder. (outputBins, frames, outputChannels)
  ///   - output: May be the input. (outputBins, frames, outputChannels)
  func run(
    _ input: UnsafePointer<Float>, skip: UnsafeMutablePointer<Float>,
    output: UnsafeMutablePointer<Float>, temporary: UnsafeMutablePointer<Float>,
    on executor: Executor
  ) {
    for (number, band) in bands.enumerated() {
      let rows = skip + band.output.lowerBound * frames * outputChannels
      sampling[number].run(
        input + band.input.lowerBound * frames * inputChannels, rows, on: executor)
      for layer in modules[number] { layer.run(rows, temporary: temporary, on: executor) }
    }
    executor.gelu(skip, skip, count: outputBins * frames * outputChannels)
    mixing.run(skip, output, on: executor)
  }
}

/// One residual layer along the frames of (rows, frames, channels), each row by itself: norm,
/// convolution to twice the hidden width, GLU, depthwise convolution, norm, Swish, convolution back.
struct SCNetConvolutionLayer: Sendable {
  /// Some rows at a time, so that what lies between the convolutions stays in the cache.
  private struct Chunk: Sendable {
    let rows: Int
    let expansion: Convolution2D
    let depthwise: DepthwiseConvolution1D
    let projection: Convolution2D
  }

  private let rows: Int
  private let frames: Int
  private let channels: Int
  private let hidden: Int
  private let inputNorm: GroupNorm
  private let hiddenNorm: GroupNorm
  private let chunk: Chunk
  private let rest: Chunk?

  var temporaryCount: Int { chunk.rows * frames * (channels + 3 * hidden) }

  init(
    _ weights: NetworkWeights, rows: Int, frames: Int, channels: Int, hidden: Int, kernel: Int,
    in plan: NetworkPlan
  ) throws(SeparationError) {
    self.rows = rows
    self.frames = frames
    self.channels = channels
    self.hidden = hidden
    inputNorm = try weights[0].groupNorm(channels)
    hiddenNorm = try weights[4].groupNorm(hidden, activation: .swish)
    let expansionWeight = try weights[1].values("weight", 2 * hidden, channels, kernel)
    let expansionBias = try weights[1].values("bias", 2 * hidden)
    let depthwiseWeight = try weights[3].values("weight", hidden, 1, kernel)
    let depthwiseBias = try weights[3].values("bias", hidden)
    let projectionWeight = try weights[6].values("weight", channels, hidden, 1)
    let projectionBias = try weights[6].values("bias", channels)

    func makeChunk(_ rows: Int) throws(SeparationError) -> Chunk {
      var expansion = Convolution2D.Shape(
        height: rows, width: frames, inputChannels: channels, outputChannels: 2 * hidden)
      expansion.kernel = (1, kernel)
      expansion.padding = (0, 0, kernel / 2, kernel / 2)
      let projection = Convolution2D.Shape(
        height: rows, width: frames, inputChannels: hidden, outputChannels: channels)
      return try weights.make { () throws(NeuralNetworkError) in
        Chunk(
          rows: rows,
          expansion: try Convolution2D(
            expansion, weights: expansionWeight, bias: expansionBias, in: plan),
          depthwise: try DepthwiseConvolution1D(
            rows: rows, frames: frames, channels: hidden, kernel: kernel, weights: depthwiseWeight,
            bias: depthwiseBias, in: plan),
          projection: try Convolution2D(
            projection, weights: projectionWeight, bias: projectionBias, accumulates: true,
            in: plan)
        )
      }
    }
    let fitting = plan.threadCount * max(1, Self.chunkFloatCount / (frames * channels))
    chunk = try makeChunk(min(rows, fitting))
    rest = rows % chunk.rows == 0 ? nil : try makeChunk(rows % chunk.rows)
  }

  /// Input of one chunk: 128 KiB, of which with all that follows from it a second-level cache holds
  /// enough.
  private static let chunkFloatCount = 32_768

  /// x += layer(x). (rows, frames, channels)
  func run(
    _ x: UnsafeMutablePointer<Float>, temporary: UnsafeMutablePointer<Float>,
    on executor: Executor
  ) {
    var row = 0
    while row < rows {
      let chunk = rest.flatMap { rows - row < self.chunk.rows ? $0 : nil } ?? self.chunk
      let start = x + row * frames * channels
      let count = chunk.rows * frames
      let normalized = temporary  // (rows, frames, channels)
      let wide = normalized + count * channels  // (rows, frames, 2 hidden)
      let narrow = wide + count * 2 * hidden  // (rows, frames, hidden)
      inputNorm.run(start, normalized, examples: chunk.rows, rows: frames, on: executor)
      chunk.expansion.run(normalized, wide, on: executor)
      executor.glu(wide, narrow, rows: count, channels: hidden)
      chunk.depthwise.run(narrow, wide, on: executor)
      hiddenNorm.run(wide, wide, examples: chunk.rows, rows: frames, on: executor)
      chunk.projection.run(wide, start, on: executor)
      row += chunk.rows
    }
  }
}
