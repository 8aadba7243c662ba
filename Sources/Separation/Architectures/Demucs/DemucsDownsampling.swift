// SPDX-License-Identifier: MIT
import NeuralNetwork

/// The strided convolution at the beginning of an encoder layer.
///
/// Along the frames, where the kernel is two strides long, `stride` frames are taken as one with so
/// many times the channels: in memory they are that already. What is left is a convolution with a
/// kernel of 2 over wide vectors, several times as fast as a strided one over narrow ones.
struct DemucsDownsampling: Sendable {
  let output: DemucsGrid
  /// Floats before the input that are set to zero.
  let lead: Int
  /// Floats after the input that are set to zero.
  let tail: Int
  private let inputCount: Int
  private let convolution: Convolution2D

  init(
    _ weights: NetworkWeights, input: DemucsGrid, channels: Int, sampling: DemucsSampling,
    finish: Finish, in plan: NetworkPlan
  ) throws(SeparationError) {
    var output = input
    output.channels = channels
    inputCount = input.count
    if sampling.isFrequency {
      output.rows = sampling.outputs(of: input.rows)
      var shape = Convolution2D.Shape(
        height: input.rows, width: input.frames, inputChannels: input.channels,
        outputChannels: channels)
      shape.kernel = (sampling.kernel, 1)
      shape.stride = (sampling.stride, 1)
      shape.padding = (sampling.padding, sampling.padding, 0, 0)
      convolution = try weights.convolution(shape, finish: finish, in: plan)
      lead = 0
      tail = 0
    } else {
      output.frames = sampling.outputs(of: input.frames)
      let stride = sampling.stride
      let weight = try weights.convolutionWeight(channels, input.channels, 1, sampling.kernel)
      let bias = try weights.values("bias", channels)
      var folded: [Float] = []
      folded.reserveCapacity(weight.count)
      for channel in 0..<channels {
        for phase in 0..<stride {
          for source in 0..<input.channels {
            for tap in 0..<2 {
              folded.append(
                weight[(channel * input.channels + source) * 2 * stride + tap * stride + phase])
            }
          }
        }
      }
      var shape = Convolution2D.Shape(
        height: 1, width: output.frames + 1, inputChannels: stride * input.channels,
        outputChannels: channels)
      shape.kernel = (1, 2)
      convolution = try weights.make { () throws(NeuralNetworkError) in
        try Convolution2D(shape, weights: folded, bias: bias, finish: finish, in: plan)
      }
      lead = sampling.padding * input.channels
      tail = (output.frames + 1) * stride * input.channels - lead - input.count
    }
    self.output = output
  }

  /// - Parameters:
  ///   - input: (input grid), with `lead` floats before it and `tail` after it to be overwritten.
  ///   - output: (output grid)
  func run(
    _ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>,
    on executor: Executor
  ) {
    (input - lead).update(repeating: 0, count: lead)
    (input + inputCount).update(repeating: 0, count: tail)
    convolution.run(input - lead, output, on: executor)
  }
}
