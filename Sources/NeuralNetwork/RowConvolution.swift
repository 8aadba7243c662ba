// SPDX-License-Identifier: MIT

/// A convolution along the rows of (rows, columns, channels): columns keep to themselves.
///
/// The definition is PyTorch's `Conv2d` with a kernel of (kernel, 1) and a stride of (stride, 1),
/// with zero rows before and after the input.
public struct RowConvolution: Sendable {
  private let rows: Int
  private var columns: Int
  private let stride: Int
  private let padding: Int
  private let product: PackedProduct

  /// - Parameters:
  ///   - weights: (outputChannels, inputChannels, kernel)
  ///   - bias: (outputChannels)
  public init(
    rows: Int, columns: Int, inputChannels: Int, outputChannels: Int, kernel: Int, stride: Int,
    padding: Int, weights: [Float], bias: [Float], in plan: NetworkPlan
  ) throws(NeuralNetworkError) {
    guard rows > 0, columns > 0, inputChannels > 0, outputChannels > 0, kernel > 0, stride > 0,
      padding >= 0
    else {
      throw NeuralNetworkError(.unsupported, "A convolution's sizes make no sense.")
    }
    try expect(weights, count: outputChannels * inputChannels * kernel, "convolution's weight")
    try expect(bias, count: outputChannels, "convolution's bias")
    let taps = tapsFirst(
      weights, outputs: outputChannels, inputs: inputChannels, kernel: kernel)
    product = try PackedProduct(
      taps: kernel, depth: inputChannels, outputs: outputChannels, weights: taps, bias: bias,
      in: plan)
    self.rows = rows
    self.columns = columns
    self.stride = stride
    self.padding = padding
  }

  /// The same convolution over another number of columns.
  public func resized(columns: Int) -> RowConvolution {
    var copy = self
    copy.columns = columns
    return copy
  }

  /// Output row `row` of (rows, columns, inputChannels): (columns, outputChannels).
  public func run(
    _ input: UnsafePointer<Float>, row: Int, _ output: UnsafeMutablePointer<Float>,
    finish: Finish = .write, on executor: Executor
  ) {
    let first = row * stride - padding
    let lower = min(max(0, -first), product.taps)
    let upper = max(lower, min(product.taps, rows - first))
    let line = columns * product.depth
    let layout = PackedProduct.Layout(
      inputRow: product.depth, inputTap: line, outputRow: product.outputs)
    executor.split(columns, grain: PackedProduct.grain) { range, part in
      product.run(
        input + (lower == upper ? 0 : (first + lower) * line) + range.lowerBound * product.depth,
        output + range.lowerBound * product.outputs, rows: range.count, layout: layout,
        taps: lower..<upper, finish: finish, kernels: part.plan.kernels)
    }
  }
}
