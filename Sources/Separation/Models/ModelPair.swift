// SPDX-License-Identifier: MIT
import Synchronization

/// A model for many workers of one thread each and, once it is needed, one for a single worker
/// that uses all threads.
final class ModelPair: Sendable {
  /// The model whose workers run on one thread each.
  let single: any SegmentModel
  private let load: @Sendable (Int) throws(SeparationError) -> any SegmentModel
  private let wide = Mutex<(threads: Int, model: any SegmentModel)?>(nil)

  init(
    load: @escaping @Sendable (Int) throws(SeparationError) -> any SegmentModel
  ) throws(SeparationError) {
    single = try load(1)
    self.load = load
  }

  var sampleRate: Int { single.sampleRate }

  /// The model to use for a track of `chunkCount` chunks.
  func model(chunkCount: Int?, jobs: Int) throws(SeparationError) -> any SegmentModel {
    guard chunkCount == 1, jobs > 1 else { return single }
    if let wide = wide.withLock({ $0 }), wide.threads == jobs { return wide.model }
    let model = try load(jobs)
    wide.withLock { $0 = (jobs, model) }
    return model
  }
}
