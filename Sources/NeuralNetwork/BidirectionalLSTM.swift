// SPDX-License-Identifier: MIT
internal import CNeuralKernels

/// A bidirectional long short-term memory layer over many sequences at once, from zero state.
///
/// The definition is PyTorch's `LSTM`. Instead of an input projection of all steps, whose result
/// would be eight times the output, each step's gates are computed from input and last output in
/// one product and stay in registers until the new output is known.
public struct BidirectionalLSTM: Sendable {
  /// One direction's weights as PyTorch names and lays them out.
  public struct Weights: Sendable {
    public var inputWeight: [Float]  // weight_ih (4 units, inputs)
    public var recurrentWeight: [Float]  // weight_hh (4 units, units)
    public var inputBias: [Float]  // bias_ih (4 units)
    public var recurrentBias: [Float]  // bias_hh (4 units)

    public init(
      inputWeight: [Float], recurrentWeight: [Float], inputBias: [Float], recurrentBias: [Float]
    ) {
      self.inputWeight = inputWeight
      self.recurrentWeight = recurrentWeight
      self.inputBias = inputBias
      self.recurrentBias = recurrentBias
    }
  }

  /// Which way the sequences run through a block of (rows, columns, channels).
  public enum Axis: Sendable {
    /// From row to row; every column is a sequence.
    case rows
    /// From column to column; every row is a sequence.
    case columns
  }

  private var rows: Int
  private var columns: Int
  private let inputs: Int
  private let units: Int
  private let axis: Axis
  private let packed: [[Float]]  // forward, backward

  public init(
    rows: Int, columns: Int, inputs: Int, units: Int, along axis: Axis, forward: Weights,
    backward: Weights, in plan: NetworkPlan
  ) throws(NeuralNetworkError) {
    self.rows = rows
    self.columns = columns
    self.inputs = inputs
    self.units = units
    self.axis = axis
    let kernels = plan.kernels.functions
    var packed: [[Float]] = []
    for weights in [forward, backward] {
      try expect(weights.inputWeight, count: 4 * units * inputs, "LSTM's input weight")
      try expect(weights.recurrentWeight, count: 4 * units * units, "LSTM's recurrent weight")
      try expect(weights.inputBias, count: 4 * units, "LSTM's input bias")
      try expect(weights.recurrentBias, count: 4 * units, "LSTM's recurrent bias")
      let count = Int(kernels.recurrence_packed_count(Int64(inputs), Int64(units)))
      packed.append(
        [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
          if let base = buffer.baseAddress {
            kernels.recurrence_pack(
              Int64(inputs), Int64(units), weights.inputWeight, weights.recurrentWeight,
              weights.inputBias, weights.recurrentBias, base)
            initialized = count
          }
        })
    }
    self.packed = packed
    let sequences = axis == .rows ? columns : rows
    plan.reserveScratch(Int(kernels.recurrence_cell_count(Int64(sequences), Int64(units))))
  }

  /// The same layer over a smaller block.
  public func resized(rows: Int, columns: Int) -> BidirectionalLSTM {
    var copy = self
    copy.rows = rows
    copy.columns = columns
    return copy
  }

  /// (rows, columns, inputs) to (rows, columns, 2 units): forward, then backward.
  public func run(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    let kernels = executor.plan.kernels.functions
    let sequences = axis == .rows ? columns : rows
    // Sequences do not depend on each other: each thread takes some of them through all steps.
    executor.split(sequences, grain: 6) { range, part in
      var shape = kernel_recurrence()
      shape.steps = Int64(axis == .rows ? rows : columns)
      shape.rows = Int64(range.count)
      shape.inputs = Int64(inputs)
      shape.units = Int64(units)
      let along = axis == .rows ? columns : 1
      let across = axis == .rows ? 1 : columns
      shape.input_step = Int64(along * inputs)
      shape.input_row = Int64(across * inputs)
      shape.output_step = Int64(along * 2 * units)
      shape.output_row = Int64(across * 2 * units)
      for direction in 0..<2 {
        shape.reversed = Int32(direction)
        kernels.recurrence_run(
          &shape, packed[direction], input + range.lowerBound * across * inputs,
          output + range.lowerBound * across * 2 * units + direction * units, part.scratch)
      }
    }
  }
}
