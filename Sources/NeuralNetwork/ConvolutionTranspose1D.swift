// SPDX-License-Identifier: MIT

/// A transposed convolution along the frames of (frames, channels), uncut.
///
/// The definition is PyTorch's `ConvTranspose1d` where the kernel is a multiple of the stride. Then
/// `stride` output frames at a time depend on the same few input frames: they are one convolution
/// whose channels, laid end to end, are the frames.
public struct ConvolutionTranspose1D: Sendable {
  /// Frames of the output, (frames − 1) stride + kernel.
  public var outputFrames: Int { convolution.shape.outputFrames * stride }
  private var convolution: FrameConvolution
  private let stride: Int
  private let finish: Finish

  /// - Parameters:
  ///   - weights: (inputChannels, outputChannels, kernel)
  ///   - bias: (outputChannels)
  public init(
    frames: Int, inputChannels: Int, outputChannels: Int, kernel: Int, stride: Int,
    weights: [Float], bias: [Float], finish: Finish = .write, in plan: NetworkPlan
  ) throws(NeuralNetworkError) {
    guard stride > 0, kernel >= stride, kernel % stride == 0 else {
      throw NeuralNetworkError(
        .unsupported,
        "A transposed convolution's kernel, \(kernel), is not a multiple of its stride, \(stride).")
    }
    try expect(
      weights, count: inputChannels * outputChannels * kernel, "transposed convolution's weight")
    try expect(bias, count: outputChannels, "transposed convolution's bias")
    let reach = kernel / stride
    var folded = [Float](repeating: 0, count: weights.count)
    for phase in 0..<stride {
      for output in 0..<outputChannels {
        for input in 0..<inputChannels {
          for tap in 0..<reach {
            // Tap `reach − 1` sees the newest frame, which the first `stride` weights belong to.
            folded[((phase * outputChannels + output) * inputChannels + input) * reach + tap] =
              weights[
                (input * outputChannels + output) * kernel + (reach - 1 - tap) * stride + phase]
          }
        }
      }
    }
    var shape = FrameConvolution.Shape(
      frames: frames, inputChannels: inputChannels, outputChannels: stride * outputChannels)
    shape.kernel = reach
    shape.padding = reach - 1
    shape.outputFrames = frames + reach - 1
    convolution = try FrameConvolution(
      shape, weights: folded, bias: (0..<stride).flatMap { _ in bias }, in: plan)
    self.stride = stride
    self.finish = finish
  }

  /// The same convolution over another number of frames.
  public func resized(frames: Int) -> ConvolutionTranspose1D {
    var copy = self
    copy.convolution = convolution.resized(
      frames: frames, outputFrames: frames + convolution.shape.padding)
    return copy
  }

  /// (frames, inputChannels) to (outputFrames, outputChannels).
  public func run(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    convolution.run(input, output, finish: finish, on: executor)
  }
}
