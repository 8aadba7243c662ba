// SPDX-License-Identifier: MIT
internal import COneDNN

/// A convolution over channels-last images of one fixed size.
///
/// The definition is PyTorch's `Conv2d`, cross-correlation, with zero padding that may differ on
/// the four sides.
public struct Convolution2D: Sendable {
  /// The sizes that fix a convolution.
  public struct Shape: Sendable, Equatable {
    public var height: Int
    public var width: Int
    public var inputChannels: Int
    public var outputChannels: Int
    public var kernel: (height: Int, width: Int) = (1, 1)
    public var stride: (height: Int, width: Int) = (1, 1)
    public var dilation: (height: Int, width: Int) = (1, 1)
    public var padding: (top: Int, bottom: Int, left: Int, right: Int) = (0, 0, 0, 0)
    public var groups = 1

    public init(height: Int, width: Int, inputChannels: Int, outputChannels: Int) {
      self.height = height
      self.width = width
      self.inputChannels = inputChannels
      self.outputChannels = outputChannels
    }

    public var outputHeight: Int {
      (height + padding.top + padding.bottom - dilation.height * (kernel.height - 1) - 1)
        / stride.height + 1
    }

    public var outputWidth: Int {
      (width + padding.left + padding.right - dilation.width * (kernel.width - 1) - 1)
        / stride.width + 1
    }

    public static func == (a: Shape, b: Shape) -> Bool {
      a.height == b.height && a.width == b.width && a.inputChannels == b.inputChannels
        && a.outputChannels == b.outputChannels && a.kernel == b.kernel && a.stride == b.stride
        && a.dilation == b.dilation && a.padding == b.padding && a.groups == b.groups
    }
  }

  public let shape: Shape
  private let operation: Int

  /// - Parameters:
  ///   - weights: (outputChannels, inputChannels / groups, kernel.height, kernel.width)
  ///   - bias: (outputChannels)
  ///   - accumulates: Whether the result is added to what the output holds.
  public init(
    _ shape: Shape, weights: [Float], bias: [Float], accumulates: Bool = false,
    in plan: NetworkPlan
  ) throws(NeuralNetworkError) {
    let s = shape
    guard s.groups > 0, s.inputChannels % s.groups == 0, s.outputChannels % s.groups == 0,
      s.kernel.height > 0, s.kernel.width > 0, s.stride.height > 0, s.stride.width > 0,
      s.dilation.height > 0, s.dilation.width > 0,
      min(s.padding.top, s.padding.bottom, s.padding.left, s.padding.right) >= 0,
      s.inputChannels > 0, s.outputChannels > 0, s.height > 0, s.width > 0,
      s.height + s.padding.top + s.padding.bottom > s.dilation.height * (s.kernel.height - 1),
      s.width + s.padding.left + s.padding.right > s.dilation.width * (s.kernel.width - 1)
    else {
      throw NeuralNetworkError(.unsupported, "A convolution's kernel is larger than its input.")
    }
    let count = s.outputChannels * (s.inputChannels / s.groups) * s.kernel.height * s.kernel.width
    try expect(weights, count: count, "convolution's weight")
    try expect(bias, count: s.outputChannels, "convolution's bias")
    var sizes = onednn_convolution_shape(
      height: Int64(s.height), width: Int64(s.width), input_channels: Int64(s.inputChannels),
      output_channels: Int64(s.outputChannels), kernel_height: Int64(s.kernel.height),
      kernel_width: Int64(s.kernel.width), stride_height: Int64(s.stride.height),
      stride_width: Int64(s.stride.width), dilation_height: Int64(s.dilation.height),
      dilation_width: Int64(s.dilation.width), padding_top: Int64(s.padding.top),
      padding_bottom: Int64(s.padding.bottom), padding_left: Int64(s.padding.left),
      padding_right: Int64(s.padding.right), groups: Int64(s.groups))
    operation = try plan.add("a convolution") { result in
      onednn_convolution_create(result, &sizes, weights, bias, accumulates ? 1 : 0)
    }
    self.shape = shape
  }

  /// (height, width, inputChannels) to (outputHeight, outputWidth, outputChannels).
  public func run(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    executor.run(operation, input, output)
  }
}

/// A convolution along the frames of (rows, frames, channels) in which every channel keeps to itself.
public struct DepthwiseConvolution1D: Sendable {
  private let convolution: Convolution2D

  /// - Parameters:
  ///   - weights: (channels, 1, kernel)
  ///   - bias: (channels)
  public init(
    rows: Int, frames: Int, channels: Int, kernel: Int, weights: [Float], bias: [Float],
    in plan: NetworkPlan
  ) throws(NeuralNetworkError) {
    var shape = Convolution2D.Shape(
      height: rows, width: frames, inputChannels: channels, outputChannels: channels)
    shape.kernel = (1, kernel)
    shape.padding = (0, 0, kernel / 2, kernel / 2)
    shape.groups = channels
    convolution = try Convolution2D(shape, weights: weights, bias: bias, in: plan)
  }

  /// (rows, frames, channels) to the same shape.
  public func run(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    convolution.run(input, output, on: executor)
  }
}
