// SPDX-License-Identifier: MIT
import Foundation
import Synchronization

/// A model for many workers of one thread each and, once it is needed, one for a single worker
/// that uses all threads.
final class ModelPair: Sendable {
  /// The model whose workers run on one thread each.
  let single: any SegmentModel
  private let load: @Sendable (Int) throws(SeparationError) -> any SegmentModel
  private let wide = Mutex<(any SegmentModel)?>(nil)

  init(
    load: @escaping @Sendable (Int) throws(SeparationError) -> any SegmentModel
  ) throws(SeparationError) {
    single = try load(1)
    self.load = load
  }

  var sampleRate: Int { single.sampleRate }

  /// The model to use for a track of `chunkCount` chunks.
  ///
  /// A single chunk gets all cores, whatever the number of workers: oneDNN makes sums in another
  /// order for another number of threads, and the result must not depend on the workers.
  func model(chunkCount: Int?) throws(SeparationError) -> any SegmentModel {
    let threads = ProcessInfo.processInfo.activeProcessorCount
    guard chunkCount == 1, threads > 1, !single.isThreadable else { return single }
    if let wide = wide.withLock({ $0 }) { return wide }
    let model = try load(threads)
    wide.withLock { $0 = model }
    return model
  }
}
