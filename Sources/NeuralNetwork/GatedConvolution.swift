// SPDX-License-Identifier: MIT
internal import CNeuralKernels

/// A convolution with a kernel of 3 × 3 over (rows, frames, channels), zero around it, followed by a
/// gated linear unit.
///
/// Winograd's minimal filtering (Lavin and Gray, arXiv 1509.09308) takes a quarter of the products
/// that the definition takes.
public struct GatedConvolution: Sendable {
  private var shape: kernel_winograd
  private let weights: PackedWeights

  /// - Parameters:
  ///   - outputChannels: Of the result, after the gate.
  ///   - weights: (2 outputChannels, inputChannels, 3, 3)
  ///   - bias: (2 outputChannels)
  public init(
    rows: Int, frames: Int, inputChannels: Int, outputChannels: Int, weights: [Float],
    bias: [Float], in plan: NetworkPlan
  ) throws(NeuralNetworkError) {
    guard rows > 0, frames > 0, inputChannels > 0, outputChannels > 0 else {
      throw NeuralNetworkError(.unsupported, "A convolution's sizes make no sense.")
    }
    try expect(weights, count: 18 * outputChannels * inputChannels, "convolution's weight")
    try expect(bias, count: 2 * outputChannels, "convolution's bias")
    var shape = kernel_winograd(
      rows: Int64(rows), frames: Int64(frames), channels: Int64(inputChannels),
      outputs: Int64(outputChannels))
    let functions = plan.kernels.functions
    var temporary = [Float](repeating: 0, count: 2 * outputChannels * inputChannels)
    let count = Int(functions.winograd_packed_count(&shape))
    self.weights = try PackedWeights(count: count) { packed in
      functions.winograd_pack(&shape, weights, bias, packed, &temporary)
    }
    plan.reserveScratch(Int(functions.winograd_scratch_count(&shape)))
    self.shape = shape
  }

  /// The same convolution over another number of frames.
  public func resized(frames: Int) -> GatedConvolution {
    var copy = self
    copy.shape.frames = Int64(frames)
    return copy
  }

  /// - Parameters:
  ///   - input: (rows, frames, inputChannels)
  ///   - skip: Added to the input where it is given.
  ///   - output: (rows, frames, outputChannels), other memory than the input.
  public func run(
    _ input: UnsafePointer<Float>, adding skip: UnsafePointer<Float>? = nil,
    _ output: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    let tileCount = withUnsafePointer(to: shape) {
      Int(executor.plan.kernels.functions.winograd_tile_count($0))
    }
    // Every part reads all weights once: where they are many, parts are few.
    executor.split(
      tileCount, grain: 12, partsPerThread: shape.channels * shape.outputs < 1 << 14 ? 8 : 1
    ) { range, part in
      withUnsafePointer(to: shape) { shape in
        part.plan.kernels.functions.winograd_run(
          shape, Int64(range.lowerBound), Int64(range.count), input, skip, weights.base, output,
          part.scratch)
      }
    }
  }
}
