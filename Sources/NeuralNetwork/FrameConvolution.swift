// SPDX-License-Identifier: MIT

/// A convolution along the frames of one row, (frames, channels).
///
/// The definition is PyTorch's `Conv1d`, cross-correlation, with zeros before and after the input.
public struct FrameConvolution: Sendable {
  /// The sizes that fix a convolution.
  public struct Shape: Sendable, Equatable {
    public var frames: Int
    public var inputChannels: Int
    /// Channels of the result; the weights have twice as many where it is gated.
    public var outputChannels: Int
    public var kernel = 1
    public var stride = 1
    public var dilation = 1
    /// Zero frames before the input.
    public var padding = 0
    public var outputFrames: Int
    /// Whether the first half of the weights' channels is multiplied by the sigmoid of the second.
    public var isGated = false

    /// A convolution over single frames.
    public init(frames: Int, inputChannels: Int, outputChannels: Int) {
      self.frames = frames
      self.inputChannels = inputChannels
      self.outputChannels = outputChannels
      outputFrames = frames
    }
  }

  public private(set) var shape: Shape
  private let product: PackedProduct

  /// - Parameters:
  ///   - weights: (outputChannels or 2 outputChannels, inputChannels, kernel)
  ///   - bias: (outputChannels or 2 outputChannels)
  public init(
    _ shape: Shape, weights: [Float], bias: [Float], in plan: NetworkPlan
  ) throws(NeuralNetworkError) {
    let s = shape
    let columns = s.isGated ? 2 * s.outputChannels : s.outputChannels
    guard s.frames > 0, s.inputChannels > 0, s.outputChannels > 0, s.kernel > 0, s.stride > 0,
      s.dilation > 0, s.padding >= 0, s.outputFrames > 0
    else { throw NeuralNetworkError(.unsupported, "A convolution's sizes make no sense.") }
    try expect(weights, count: columns * s.inputChannels * s.kernel, "convolution's weight")
    try expect(bias, count: columns, "convolution's bias")
    let taps = tapsFirst(
      weights, outputs: columns, inputs: s.inputChannels, kernel: s.kernel)
    self.shape = shape
    product = try PackedProduct(
      taps: s.kernel, depth: s.inputChannels, outputs: s.outputChannels, isGated: s.isGated,
      weights: taps, bias: bias, in: plan)
  }

  /// The same convolution over another number of frames.
  public func resized(frames: Int, outputFrames: Int) -> FrameConvolution {
    var copy = self
    copy.shape.frames = frames
    copy.shape.outputFrames = outputFrames
    return copy
  }

  /// (frames, inputChannels) to (outputFrames, outputChannels).
  public func run(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, finish: Finish = .write,
    on executor: Executor
  ) {
    executor.split(shape.outputFrames, grain: PackedProduct.grain) { range, part in
      var start = range.lowerBound
      while start < range.upperBound {
        let (taps, end) = reach(of: start, upTo: range.upperBound)
        let source = start * shape.stride + taps.lowerBound * shape.dilation - shape.padding
        product.run(
          input + (taps.isEmpty ? 0 : source * shape.inputChannels),
          output + start * shape.outputChannels, rows: end - start,
          layout: PackedProduct.Layout(
            inputRow: shape.stride * shape.inputChannels,
            inputTap: shape.dilation * shape.inputChannels, outputRow: shape.outputChannels),
          taps: taps, finish: finish, kernels: part.plan.kernels)
        start = end
      }
    }
  }

  /// The taps of an output frame that lie within the input, and the first frame after it, at most
  /// `limit`, that has others.
  private func reach(of frame: Int, upTo limit: Int) -> (taps: Range<Int>, end: Int) {
    let taps = taps(of: frame)
    var end = frame + 1
    // All taps lie within the input for most frames: these are passed over at once.
    if taps.count == shape.kernel {
      let last =
        (shape.frames - 1 + shape.padding - (shape.kernel - 1) * shape.dilation) / shape.stride
      end = max(end, min(limit, last + 1))
    }
    while end < limit, self.taps(of: end) == taps { end += 1 }
    return (taps, end)
  }

  private func taps(of frame: Int) -> Range<Int> {
    let first = frame * shape.stride - shape.padding
    // Of taps at first, first + dilation, …: those from 0 to frames - 1.
    let lower = first >= 0 ? 0 : (-first + shape.dilation - 1) / shape.dilation
    let upper =
      first >= shape.frames ? 0 : (shape.frames - 1 - first) / shape.dilation + 1
    let end = min(shape.kernel, max(0, upper))
    return min(lower, end)..<end
  }
}
