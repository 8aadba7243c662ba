// SPDX-License-Identifier: MIT
internal import CNeuralKernels

/// A transposed convolution along the rows of (rows, columns, channels), cut to a given length.
///
/// The definition is PyTorch's `ConvTranspose2d` with a kernel of (kernel, 1) and a stride of
/// (stride, 1). Every output row is the sum of one matrix product for each tap that reaches it.
public struct ConvolutionTranspose: Sendable {
  private let rows: Int
  private let columns: Int
  private let inputChannels: Int
  private let outputChannels: Int
  private let kernel: Int
  private let stride: Int
  private let trim: Int
  private let outputRows: Int
  private let taps: [Float]  // (kernel, inputChannels, outputChannels)
  private let bias: [Float]
  private let isFollowedByGELU: Bool

  /// - Parameters:
  ///   - trim: Rows of the full output, (rows - 1) stride + kernel, that are left out at its start.
  ///   - outputRows: Rows that are kept.
  ///   - weights: (inputChannels, outputChannels, kernel, 1)
  ///   - bias: (outputChannels)
  public init(
    rows: Int, columns: Int, inputChannels: Int, outputChannels: Int, kernel: Int, stride: Int,
    trim: Int, outputRows: Int, weights: [Float], bias: [Float], isFollowedByGELU: Bool = false
  ) throws(NeuralNetworkError) {
    guard rows > 0, kernel > 0, stride > 0, trim >= 0,
      trim + outputRows <= (rows - 1) * stride + kernel
    else {
      throw NeuralNetworkError(
        .unsupported, "A transposed convolution gives fewer rows than are needed.")
    }
    try expect(
      weights, count: inputChannels * outputChannels * kernel, "transposed convolution's weight")
    try expect(bias, count: outputChannels, "transposed convolution's bias")
    var taps = [Float](repeating: 0, count: weights.count)
    for tap in 0..<kernel {
      for input in 0..<inputChannels {
        for output in 0..<outputChannels {
          taps[(tap * inputChannels + input) * outputChannels + output] =
            weights[(input * outputChannels + output) * kernel + tap]
        }
      }
    }
    self.taps = taps
    self.rows = rows
    self.columns = columns
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.trim = trim
    self.outputRows = outputRows
    self.bias = bias
    self.isFollowedByGELU = isFollowedByGELU
  }

  /// (rows, columns, inputChannels) to (outputRows, columns, outputChannels).
  public func run(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    let kernels = executor.plan.kernels.functions
    taps.withUnsafeBufferPointer { taps in
      guard let taps = taps.baseAddress else { return }
      executor.split(outputRows) { range, _ in
        for row in range {
          let place = row + trim
          // Input row r reaches place through tap place - r * stride.
          let first = max(0, (place - kernel + stride) / stride)
          let last = min(rows - 1, place / stride)
          let target = output + row * columns * outputChannels
          var isFirst = true
          for source in first..<max(first, last + 1) {
            let tap = place - source * self.stride
            kernels.product(
              Int64(columns), Int64(outputChannels), Int64(inputChannels),
              input + source * columns * inputChannels, Int64(inputChannels),
              taps + tap * inputChannels * outputChannels, Int64(outputChannels), target,
              Int64(outputChannels), isFirst ? bias : nil, isFirst ? 0 : 1)
            isFirst = false
          }
          if isFirst { fill(target) }
          if isFollowedByGELU {
            kernels.gelu(target, target, Int64(columns * outputChannels))
          }
        }
      }
    }
  }

  /// A row that no tap reaches, where the stride is longer than the kernel: the bias.
  private func fill(_ row: UnsafeMutablePointer<Float>) {
    for column in 0..<columns {
      for channel in 0..<outputChannels { row[column * outputChannels + channel] = bias[channel] }
    }
  }
}
