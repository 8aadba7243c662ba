// SPDX-License-Identifier: MIT
internal import CNeuralKernels

/// A matrix product with constant weights, packed once for the processor at hand.
///
/// An input row consists of `taps` runs of `depth` floats that may lie anywhere at equal distances,
/// so that convolutions over channels-last activations are products, too, without copying.
struct PackedProduct: Sendable {
  let taps: Int
  let depth: Int
  /// Columns of the result; the weights have twice as many where it is gated.
  let outputs: Int
  let isGated: Bool
  private let precision: Precision
  private let weights: PackedWeights

  /// - Parameters:
  ///   - isGated: Whether the first half of the columns is multiplied by the sigmoid of the second.
  ///   - weights: (outputs or 2 outputs, taps, depth)
  ///   - bias: (outputs or 2 outputs)
  init(
    taps: Int = 1, depth: Int, outputs: Int, isGated: Bool = false, weights: [Float],
    bias: [Float], in plan: NetworkPlan
  ) throws(NeuralNetworkError) {
    precondition(depth > 0 && outputs > 0, "a product has inputs and outputs")
    self.taps = taps
    self.depth = depth
    self.outputs = outputs
    self.isGated = isGated
    let functions = plan.kernels.functions
    let gated: Int32 = isGated ? 1 : 0
    let isShort = taps * (depth + 1) <= Int(KERNEL_MAXIMUM_INPUTS16)
    precision = isShort ? plan.precision : .float32
    switch precision {
    case .float32:
      let inputs = Int64(taps * depth)
      let count = functions.product_packed_count(inputs, Int64(outputs), gated)
      self.weights = try PackedWeights(count: Int(count)) { packed in
        functions.product_pack(inputs, Int64(outputs), gated, weights, bias, packed)
      }
    case .bfloat16:
      let count = functions.product16_packed_count(
        Int64(taps), Int64(depth), Int64(outputs), gated)
      self.weights = try PackedWeights(count: Int(count)) { packed in
        functions.product16_pack(
          Int64(taps), Int64(depth), Int64(outputs), gated, weights, bias, packed)
      }
    }
  }

  /// How input and output lie in memory, in floats.
  struct Layout {
    /// From one input row to the next.
    var inputRow: Int
    /// From one tap of a row to the next.
    var inputTap = 0
    var outputRow: Int
  }

  /// Computes `rows` rows on the calling thread.
  ///
  /// - Parameters:
  ///   - input: The first of the taps that take part.
  ///   - taps: Those that take part; by default all.
  func run(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, rows: Int,
    layout: Layout, taps: Range<Int>? = nil, finish: Finish = .write, kernels: KernelSet
  ) {
    precondition(!(isGated && finish == .gelu), "a gated result has no other activation")
    let taps = taps ?? 0..<self.taps
    let code =
      switch finish {
      case .write: isGated ? KERNEL_GATED : KERNEL_WRITE
      case .accumulate: isGated ? KERNEL_GATED_ACCUMULATE : KERNEL_ACCUMULATE
      case .gelu: KERNEL_WRITE_GELU
      }
    var shape = kernel_product(
      rows: Int64(rows), depth: Int64(depth), taps: Int64(self.taps),
      first_tap: Int64(taps.lowerBound), tap_count: Int64(taps.count), outputs: Int64(outputs),
      input_row: Int64(layout.inputRow), input_tap: Int64(layout.inputTap),
      output_row: Int64(layout.outputRow), finish: Int32(code))
    switch precision {
    case .float32: kernels.functions.product_packed(&shape, weights.base, input, output)
    case .bfloat16: kernels.functions.product16_packed(&shape, weights.base, input, output)
    }
  }

  /// Rows that a thread takes at a time: a multiple of every register tile.
  static let grain = 48
}
