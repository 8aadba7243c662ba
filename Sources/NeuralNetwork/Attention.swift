// SPDX-License-Identifier: MIT
internal import CNeuralKernels
internal import COneDNN

/// Scaled dot-product attention of several heads: softmax(Q Kᵀ) V.
///
/// Vaswani et al., arXiv 1706.03762, section 3.2. The factor 1 / √width is left to the caller, who
/// can fold it into the weights that make the queries. Queries are taken a tile at a time, so that
/// the scores are never written to main memory: at two thousand tokens they would be a hundred times
/// the input.
public struct Attention: Sendable {
  private let queries: Int
  private let keys: Int
  private let heads: Int
  private let width: Int
  private let queryStride: Int
  private let keyStride: Int
  private let outputStride: Int
  private let tiles: [Tile]

  /// Some rows of queries and the operations for as many.
  private struct Tile: Sendable {
    let start: Int
    let rows: Int
    let scores: Int
    let mixture: Int
  }

  /// Floats of working memory: a tile's scores, then one factor for each of its rows.
  public var temporaryCount: Int { (tiles.first?.rows ?? 0) * (keys + 1) }

  /// Floats of scores in a tile: 2 MiB.
  ///
  /// Smaller tiles stay in the cache, but oneDNN packs keys and
  /// values anew for each.
  private static let tileFloatCount = 524_288

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
    func product(_ shape: onednn_product_shape) throws(NeuralNetworkError) -> Int {
      var shape = shape
      return try plan.add("an attention layer") { onednn_product_create($0, &shape) }
    }
    let fitting = plan.threadCount * max(8, Self.tileFloatCount / keys / 8 * 8)
    var tiles: [Tile] = []
    for start in stride(from: 0, to: queries, by: fitting) {
      let rows = min(fitting, queries - start)
      if let same = tiles.first, same.rows == rows {
        tiles.append(Tile(start: start, rows: rows, scores: same.scores, mixture: same.mixture))
        continue
      }
      let scores = try product(
        onednn_product_shape(
          rows: Int64(rows), depth: Int64(width), columns: Int64(keys),
          left_stride: Int64(queryStride), right_stride: Int64(keyStride),
          output_stride: Int64(keys), right_is_transposed: 1))
      let mixture = try product(
        onednn_product_shape(
          rows: Int64(rows), depth: Int64(keys), columns: Int64(width),
          left_stride: Int64(keys), right_stride: Int64(keyStride),
          output_stride: Int64(outputStride), right_is_transposed: 0))
      tiles.append(Tile(start: start, rows: rows, scores: scores, mixture: mixture))
    }
    self.queries = queries
    self.keys = keys
    self.heads = heads
    self.width = width
    self.queryStride = queryStride
    self.keyStride = keyStride
    self.outputStride = outputStride
    self.tiles = tiles
  }

  /// - Parameters:
  ///   - queries: (queries, queryStride), of which the first heads · width columns are read.
  ///   - keys: (keys, keyStride), likewise.
  ///   - values: (keys, keyStride), likewise.
  ///   - output: (queries, outputStride), likewise.
  ///   - slopes: How much less a query cares for a key for every step between them; then no query
  ///     sees the key at its own place (its score is −100). (heads, queries)
  ///   - temporary: `temporaryCount` floats.
  public func run(
    queries: UnsafePointer<Float>, keys: UnsafePointer<Float>, values: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>, slopes: UnsafePointer<Float>? = nil,
    temporary: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    let kernels = executor.plan.kernels.functions
    let keyCount = self.keys
    let queryCount = self.queries
    for head in 0..<heads {
      let channel = head * width
      for tile in tiles {
        let scores = temporary
        let factors = temporary + tile.rows * keyCount
        let place = output + tile.start * outputStride + channel
        executor.run(
          product: tile.scores, queries + tile.start * queryStride + channel, keys + channel, scores
        )
        executor.split(tile.rows) { range, _ in
          let part = scores + range.lowerBound * keyCount
          let first = tile.start + range.lowerBound
          if let slopes {
            kernels.decay(
              part, Int64(range.count), Int64(keyCount), Int64(first),
              slopes + head * queryCount + first)
          }
          kernels.exponentials(
            part, Int64(range.count), Int64(keyCount), factors + range.lowerBound)
        }
        executor.run(product: tile.mixture, scores, values + channel, place)
        kernels.scale_rows(
          place, Int64(outputStride), Int64(tile.rows), Int64(width), factors)
      }
    }
  }
}
