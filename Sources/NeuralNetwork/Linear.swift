// SPDX-License-Identifier: MIT
internal import COneDNN

/// A matrix product with constant weights over a fixed number of rows.
public struct Linear: Sendable {
  private let operation: Int

  /// - Parameters:
  ///   - weights: (outputs, inputs), as PyTorch keeps them.
  ///   - bias: (outputs)
  ///   - finish: What is done to the result.
  public init(
    rows: Int, inputs: Int, outputs: Int, weights: [Float], bias: [Float],
    finish: Finish = .write, in plan: NetworkPlan
  ) throws(NeuralNetworkError) {
    try expect(weights, count: inputs * outputs, "linear layer's weight")
    try expect(bias, count: outputs, "linear layer's bias")
    var transposed = [Float](repeating: 0, count: inputs * outputs)  // (inputs, outputs)
    for output in 0..<outputs {
      for input in 0..<inputs {
        transposed[input * outputs + output] = weights[output * inputs + input]
      }
    }
    operation = try plan.add("a linear layer") { result in
      onednn_matmul_create(
        result, Int64(rows), Int64(inputs), Int64(outputs), transposed, bias, finish.code)
    }
  }

  /// (rows, inputs) to (rows, outputs).
  public func run(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    executor.run(operation, input, output)
  }
}
