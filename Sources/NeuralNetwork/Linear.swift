// SPDX-License-Identifier: MIT

/// A matrix product with constant weights over any number of rows.
public struct Linear: Sendable {
  private let product: PackedProduct
  private let finish: Finish

  /// - Parameters:
  ///   - weights: (outputs, inputs), as PyTorch keeps them.
  ///   - bias: (outputs)
  ///   - finish: What is done to the result.
  public init(
    inputs: Int, outputs: Int, weights: [Float], bias: [Float], finish: Finish = .write,
    in plan: NetworkPlan
  ) throws(NeuralNetworkError) {
    guard inputs > 0, outputs > 0 else {
      throw NeuralNetworkError(.unsupported, "A linear layer has no inputs or no outputs.")
    }
    try expect(weights, count: inputs * outputs, "linear layer's weight")
    try expect(bias, count: outputs, "linear layer's bias")
    product = try PackedProduct(
      depth: inputs, outputs: outputs, weights: weights, bias: bias, in: plan)
    self.finish = finish
  }

  /// (rows, inputs) to (rows, outputs).
  public func run(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, rows: Int,
    on executor: Executor
  ) {
    let layout = PackedProduct.Layout(inputRow: product.depth, outputRow: product.outputs)
    executor.split(rows, grain: PackedProduct.grain) { range, part in
      product.run(
        input + range.lowerBound * product.depth, output + range.lowerBound * product.outputs,
        rows: range.count, layout: layout, finish: finish, kernels: part.plan.kernels)
    }
  }
}
