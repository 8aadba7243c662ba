// SPDX-License-Identifier: MIT

/// A transposed convolution along the rows of (rows, columns, channels), cut to a given length.
///
/// The definition is PyTorch's `ConvTranspose2d` with a kernel of (kernel, 1) and a stride of
/// (stride, 1). Output rows that are `stride` apart see the same taps of the kernel: each such phase
/// is a matrix product over the input rows that reach it.
public struct ConvolutionTranspose: Sendable {
  private let rows: Int
  private var columns: Int
  private let inputChannels: Int
  private let outputChannels: Int
  private let stride: Int
  private let trim: Int
  private let outputRows: Int
  private let phases: [PackedProduct]
  private let finish: Finish

  /// - Parameters:
  ///   - trim: Rows of the full output, (rows - 1) stride + kernel, that are left out at its start.
  ///   - outputRows: Rows that are kept.
  ///   - weights: (inputChannels, outputChannels, kernel, 1)
  ///   - bias: (outputChannels)
  public init(
    rows: Int, columns: Int, inputChannels: Int, outputChannels: Int, kernel: Int, stride: Int,
    trim: Int, outputRows: Int, weights: [Float], bias: [Float], finish: Finish = .write,
    in plan: NetworkPlan
  ) throws(NeuralNetworkError) {
    guard rows > 0, inputChannels > 0, outputChannels > 0, kernel > 0, stride > 0, trim >= 0,
      trim + outputRows <= (rows - 1) * stride + kernel
    else {
      throw NeuralNetworkError(
        .unsupported, "A transposed convolution gives fewer rows than are needed.")
    }
    try expect(
      weights, count: inputChannels * outputChannels * kernel, "transposed convolution's weight")
    try expect(bias, count: outputChannels, "transposed convolution's bias")
    phases = try (0..<stride).map { (phase) throws(NeuralNetworkError) in
      let taps = phase < kernel ? (kernel - phase + stride - 1) / stride : 0
      var values = [Float](repeating: 0, count: outputChannels * taps * inputChannels)
      for output in 0..<outputChannels {
        for tap in 0..<taps {
          // The last tap sees the newest row, which the first weights belong to.
          let place = (taps - 1 - tap) * stride + phase
          for input in 0..<inputChannels {
            values[(output * taps + tap) * inputChannels + input] =
              weights[(input * outputChannels + output) * kernel + place]
          }
        }
      }
      return try PackedProduct(
        taps: taps, depth: inputChannels, outputs: outputChannels, weights: values, bias: bias,
        in: plan)
    }
    self.rows = rows
    self.columns = columns
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.stride = stride
    self.trim = trim
    self.outputRows = outputRows
    self.finish = finish
  }

  /// The same convolution over another number of columns.
  public func resized(columns: Int) -> ConvolutionTranspose {
    var copy = self
    copy.columns = columns
    return copy
  }

  /// (rows, columns, inputChannels) to (outputRows, columns, outputChannels).
  public func run(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    executor.split(outputRows) { range, part in
      for row in range {
        let product = phases[(row + trim) % stride]
        // The input rows of the taps, of which some may lie outside.
        let first = (row + trim) / stride - (product.taps - 1)
        let lower = min(max(0, -first), product.taps)
        let upper = max(lower, min(product.taps, rows - first))
        product.run(
          input + (lower == upper ? 0 : (first + lower) * columns * inputChannels),
          output + row * columns * outputChannels, rows: columns,
          layout: PackedProduct.Layout(
            inputRow: inputChannels, inputTap: columns * inputChannels, outputRow: outputChannels),
          taps: lower..<upper, finish: finish, kernels: part.plan.kernels)
      }
    }
  }
}
