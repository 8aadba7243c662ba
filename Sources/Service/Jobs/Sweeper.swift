// SPDX-License-Identifier: MIT
import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// Removes what is too old, what there is no room for, and what nothing refers to.
struct Sweeper: ServiceLifecycle.Service {
  /// How many times more seldom the whole bucket is looked through; for so long also everything in it stays.
  private static let bucketFactor = 60
  /// So many results are looked at while nothing can be added.
  private static let batch = 500

  /// The longest that anything is moved for at a time: others wait for it, and the database does not wait for ever.
  private static let patience = Duration.seconds(3)

  let queue: JobQueue
  let folder: DataFolder
  let retention: Retention
  /// Whether it also removes from the bucket, where there is one.
  let sweepsBucket: Bool
  /// The seconds after which what a silent process left incomplete is removed.
  let stagingAge: Double
  let logger: Logger

  /// Sweeps at the start and then again and again until the service shuts down.
  func run() async throws {
    await cancelWhenGracefulShutdown {
      var next = ContinuousClock.now
      while !Task.isCancelled {
        await sweep()
        if sweepsBucket, let bucketStorage = queue.bucketStorage, next <= .now {
          next = .now + retention.interval * Self.bucketFactor
          await sweep(bucketStorage)
        }
        try? await Task.sleep(for: retention.interval)
      }
    }
  }

  /// Sweeps once.
  func sweep() async {
    folder.removeIncomplete(olderThan: stagingAge)
    do throws(ServiceError) {
      var count = try await queue.store.expire()
      try await clean()
      // In a bucket is enough room; what was brought from there can be brought again.
      if queue.bucketStorage != nil { folder.evict(above: retention.diskBudget) }
      while queue.bucketStorage == nil, folder.usedBytes > retention.diskBudget,
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

  private func sweep(_ bucketStorage: BucketStorage) async {
    do throws(ServiceError) {
      let age = retention.interval * Self.bucketFactor / .seconds(1)
      let count = try await bucketStorage.sweep(queue.store, olderThan: age, batch: Self.batch)
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
      let moved = Mutex<[DataFolder.Move]>([])
      do throws(ServiceError) {
        try await queue.store.clean(results: batch.0, uploads: batch.1) { results, uploads in
          // Out of the way at once; what takes time is done when nobody waits for the store.
          let moves = folder.discard(results: results, uploads: uploads, within: Self.patience)
          moved.withLock { $0 += moves }
        }
      } catch {
        // Whether nobody needed it in the end is not known.
        folder.putBack(moved.withLock { $0 })
        throw error
      }
    }
    folder.emptyTrash()
  }
}
