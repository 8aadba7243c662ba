// SPDX-License-Identifier: MIT
import NeuralNetwork

/// Joins the encoder's output of the same level, then brings back the frequencies it had before.
struct SCNetDecoderBlock: Sendable {
  let inputBins: Int
  let outputBins: Int
  let channels: Int
  let outputChannels: Int
  private let frames: Int
  private let bands: [SCNetBand]
  private let fusion: Convolution2D
  private let sampling: [ConvolutionTranspose]

  /// - Parameter encoder: The block opposite.
  init(
    _ weights: NetworkWeights, opposite encoder: SCNetEncoderBlock, outputChannels: Int,
    frames: Int,
    in plan: NetworkPlan
  ) throws(SeparationError) {
    let channels = encoder.outputChannels
    self.channels = channels
    self.outputChannels = outputChannels
    self.frames = frames
    inputBins = encoder.outputBins
    outputBins = encoder.inputBins
    bands = encoder.bands

    // The published layer repeats its input twice along the channels. Both halves of the weight see
    // the same signal, so that their sum does the same in half the work.
    let full = try weights[0]["conv"].values("weight", 2 * channels, 2 * channels, 3, 3)
    let fusionBias = try weights[0]["conv"].values("bias", 2 * channels)
    let half = channels * 9
    var folded = [Float](repeating: 0, count: 2 * channels * half)
    for output in 0..<2 * channels {
      for index in 0..<half {
        folded[output * half + index] =
          full[output * 2 * half + index] + full[(output * 2 + 1) * half + index]
      }
    }
    var shape = Convolution2D.Shape(
      height: inputBins, width: frames, inputChannels: channels, outputChannels: 2 * channels)
    shape.kernel = (3, 3)
    shape.padding = (1, 1, 1, 1)
    fusion = try weights.make { () throws(NeuralNetworkError) in
      try Convolution2D(shape, weights: folded, bias: fusionBias, in: plan)
    }

    var sampling: [ConvolutionTranspose] = []
    for (number, band) in bands.enumerated() {
      let part = weights[1]["convtrs"][number]
      let weight = try part.values("weight", channels, outputChannels, band.kernel, 1)
      let bias = try part.values("bias", outputChannels)
      sampling.append(
        try weights.make { () throws(NeuralNetworkError) in
          try ConvolutionTranspose(
            rows: band.output.count, columns: frames, inputChannels: channels,
            outputChannels: outputChannels, kernel: band.kernel, stride: band.stride,
            trim: band.trim, outputRows: band.input.count, weights: weight, bias: bias, in: plan)
        })
    }
    self.sampling = sampling
  }

  /// - Parameters:
  ///   - x: Overwritten. (inputBins, frames, channels)
  ///   - skip: (inputBins, frames, channels)
  ///   - output: First holds (inputBins, frames, 2 channels), then the result,
  ///     (outputBins, frames, outputChannels).
  func run(
    _ x: UnsafeMutablePointer<Float>, skip: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    executor.add(skip, to: x, count: inputBins * frames * channels)
    fusion.run(x, output, on: executor)
    executor.glu(output, x, rows: inputBins * frames, channels: channels)
    for (number, band) in bands.enumerated() {
      sampling[number].run(
        x + band.output.lowerBound * frames * channels,
        output + band.input.lowerBound * frames * outputChannels, on: executor)
    }
  }
}
