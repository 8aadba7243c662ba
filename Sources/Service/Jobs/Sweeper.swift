// SPDX-License-Identifier: MIT
import Foundation
import Logging
import ServiceLifecycle

/// Removes what is too old, what there is no room for, and what nothing refers to.
struct Sweeper: ServiceLifecycle.Service {
  /// How often the whole bucket is looked through.
  private static let bucketInterval = Duration.seconds(3600)
  /// So many results are looked at while nothing can be added.
  private static let batch = 500

  let queue: JobQueue
  let folder: DataFolder
  let retention: Retention
  /// Whether it also removes from the bucket, where there is one.
  let keepsBucket: Bool
  let logger: Logger

  /// Sweeps at the start and then again and again until the service shuts down.
  func run() async throws {
    await cancelWhenGracefulShutdown {
      var next = ContinuousClock.now
      while !Task.isCancelled {
        await sweep()
        if keepsBucket, let depot = queue.depot, next <= .now {
          next = .now + Self.bucketInterval
          await sweep(depot)
        }
        try? await Task.sleep(for: retention.interval)
      }
    }
  }

  /// Sweeps once.
  func sweep() async {
    folder.removeIncomplete()
    do throws(ServiceError) {
      var count = try await queue.store.expire()
      try await clean()
      // In a bucket is enough room; what was brought from there can be brought again.
      if queue.depot != nil { folder.evict(above: retention.diskBudget) }
      while queue.depot == nil, folder.usedBytes > retention.diskBudget,
        try await queue.store.expireOldest() != nil
      {
        count += 1
        try await clean()
      }
      guard count > 0 else { return }
      logger.info("Results were removed.", metadata: ["jobs": "\(count)"])
      queue.changed()
    } catch {
      logger.error("Old results cannot be removed.", metadata: ["error": "\(error)"])
    }
  }

  private func sweep(_ depot: Depot) async {
    do throws(ServiceError) {
      let count = try await depot.sweep(queue.store, batch: Self.batch)
      if count > 0 {
        logger.info("The bucket was cleaned.", metadata: ["objects": "\(count)"])
      }
    } catch {
      logger.error("The bucket cannot be cleaned.", metadata: ["error": "\(error)"])
    }
  }

  private func clean() async throws(ServiceError) {
    let folder = folder
    var (results, uploads) = (folder.resultNames[...], folder.uploadNames[...])
    while !results.isEmpty || !uploads.isEmpty {
      let batch = (Array(results.prefix(Self.batch)), Array(uploads.prefix(Self.batch)))
      (results, uploads) = (results.dropFirst(Self.batch), uploads.dropFirst(Self.batch))
      try await queue.store.clean(results: batch.0, uploads: batch.1) { results, uploads in
        // Out of the way at once; what takes time is done when nobody waits for the store.
        folder.discard(results: results, uploads: uploads)
      }
    }
    folder.emptyTrash()
  }
}
