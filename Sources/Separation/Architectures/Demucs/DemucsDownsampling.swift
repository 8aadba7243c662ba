// SPDX-License-Identifier: MIT
import NeuralNetwork

/// The strided convolution at the beginning of an encoder layer, along the rows or the frames.
struct DemucsDownsampling: Sendable {
  private(set) var output: DemucsGrid
  private let sampling: DemucsSampling
  private var inputRow: Int
  private var convolution: Kind

  private enum Kind: Sendable {
    case rows(RowConvolution)
    case frames(FrameConvolution)
  }

  init(
    _ weights: NetworkWeights, input: DemucsGrid, channels: Int, sampling: DemucsSampling,
    in plan: NetworkPlan
  ) throws(SeparationError) {
    var output = input
    output.channels = channels
    inputRow = input.frames * input.channels
    let weight = try weights.convolutionWeight(
      channels, input.channels, sampling.isFrequency ? sampling.kernel : 1,
      sampling.isFrequency ? 1 : sampling.kernel)
    let bias = try weights.values("bias", channels)
    if sampling.isFrequency {
      output.rows = sampling.outputs(of: input.rows)
      convolution = .rows(
        try weights.make { () throws(NeuralNetworkError) in
          try RowConvolution(
            rows: input.rows, columns: input.frames, inputChannels: input.channels,
            outputChannels: channels, kernel: sampling.kernel, stride: sampling.stride,
            padding: sampling.padding, weights: weight, bias: bias, in: plan)
        })
    } else {
      output.frames = sampling.outputs(of: input.frames)
      var shape = FrameConvolution.Shape(
        frames: input.frames, inputChannels: input.channels, outputChannels: channels)
      shape.kernel = sampling.kernel
      shape.stride = sampling.stride
      shape.padding = sampling.padding
      shape.outputFrames = output.frames
      convolution = .frames(
        try weights.make { () throws(NeuralNetworkError) in
          try FrameConvolution(shape, weights: weight, bias: bias, in: plan)
        })
    }
    self.output = output
    self.sampling = sampling
  }

  /// The same convolution over another number of frames.
  func resized(input: DemucsGrid) -> DemucsDownsampling {
    var copy = self
    copy.inputRow = input.frames * input.channels
    switch convolution {
    case .rows(let layer):
      copy.output.frames = input.frames
      copy.convolution = .rows(layer.resized(columns: input.frames))
    case .frames(let layer):
      copy.output.frames = sampling.outputs(of: input.frames)
      copy.convolution = .frames(
        layer.resized(frames: input.frames, outputFrames: copy.output.frames))
    }
    return copy
  }

  /// One row of the output: (input grid) to (frames, channels).
  func run(
    _ input: UnsafePointer<Float>, row: Int, _ output: UnsafeMutablePointer<Float>,
    finish: Finish = .write, on executor: Executor
  ) {
    switch convolution {
    case .rows(let layer): layer.run(input, row: row, output, finish: finish, on: executor)
    case .frames(let layer):
      layer.run(input + row * inputRow, output, finish: finish, on: executor)
    }
  }
}
