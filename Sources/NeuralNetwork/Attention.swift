// SPDX-License-Identifier: MIT
internal import CNeuralKernels

/// Scaled dot-product attention of several heads: softmax(Q Kᵀ) V.
///
/// Vaswani et al., arXiv 1706.03762, section 3.2. The factor 1 / √width is left to the caller, who
/// can fold it into the weights that make the queries. Scores are never written to main memory: at
/// two thousand tokens they would be a hundred times the input.
public struct Attention: Sendable {
  private var shape: kernel_attention
  private let heads: Int
  /// Floats of packed keys and values, at most.
  private let packedCount: Int

  /// - Parameters:
  ///   - heads: Each sees `width` channels of its own, head after head.
  ///   - queryStride: Floats from one query to the next.
  ///   - keyStride: Floats from one key to the next, and from one value to the next.
  ///   - outputStride: Floats from one output to the next.
  public init(
    queries: Int, keys: Int, heads: Int, width: Int, queryStride: Int, keyStride: Int,
    outputStride: Int, in plan: NetworkPlan
  ) throws(NeuralNetworkError) {
    guard queries > 0, keys > 0, heads > 0, width > 0,
      min(queryStride, keyStride, outputStride) >= heads * width
    else {
      throw NeuralNetworkError(.unsupported, "An attention layer's sizes do not fit each other.")
    }
    var shape = kernel_attention(
      queries: Int64(queries), keys: Int64(keys), width: Int64(width),
      query_row: Int64(queryStride), key_row: Int64(keyStride), output_row: Int64(outputStride))
    let functions = plan.kernels.functions
    packedCount =
      (Int(functions.attention_packed_count(&shape)) + Arena.alignment - 1) / Arena.alignment
      * Arena.alignment
    plan.reserveScratch(packedCount + Int(functions.attention_scratch_count(&shape)))
    self.shape = shape
    self.heads = heads
  }

  /// The same layer over fewer tokens.
  public func resized(queries: Int, keys: Int) -> Attention {
    var copy = self
    copy.shape.queries = Int64(queries)
    copy.shape.keys = Int64(keys)
    return copy
  }

  /// - Parameters:
  ///   - queries: (queries, queryStride), of which the first heads · width columns are read.
  ///   - keys: (keys, keyStride), likewise.
  ///   - values: (keys, keyStride), likewise.
  ///   - output: (queries, outputStride), likewise.
  ///   - slopes: How much less a query cares for a key for every step between them; then no query
  ///     sees the key at its own place (its score is −100). (heads, queries)
  public func run(
    queries: UnsafePointer<Float>, keys: UnsafePointer<Float>, values: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>, slopes: UnsafePointer<Float>? = nil,
    on executor: Executor
  ) {
    let count = Int(shape.queries)
    let width = Int(shape.width)
    // The queries of all heads, one head after the other.
    // Every part packs its heads' keys and values: whole heads, where that is enough parts.
    let grain = heads % executor.threadCount == 0 ? count : (count + 3) / 4
    executor.split(heads * count, grain: grain) { range, part in
      let functions = part.plan.kernels.functions
      let packed = part.scratch
      var shape = shape
      for head in range.lowerBound / count...(range.upperBound - 1) / count {
        let channel = head * width
        functions.attention_pack(&shape, keys + channel, values + channel, packed)
        let first = max(range.lowerBound - head * count, 0)
        let last = min(range.upperBound - head * count, count)
        functions.attention_run(
          &shape, Int64(first), Int64(last - first), queries + channel, packed, output + channel,
          slopes.map { $0 + head * count }, packed + packedCount)
      }
    }
  }
}
