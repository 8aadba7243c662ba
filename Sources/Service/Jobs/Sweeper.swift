// SPDX-License-Identifier: MIT
import Foundation
import Logging
import ServiceLifecycle

/// Removes what is too old, what there is no room for, and what nothing refers to.
struct Sweeper: ServiceLifecycle.Service {
  /// For how long it is told that a job has expired.
  private static let memory = 30.0 * 86_400

  let queue: JobQueue
  let folder: DataFolder
  let retention: Retention
  let logger: Logger

  /// Sweeps at the start and then again and again until the service shuts down.
  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await sweep()
        try? await Task.sleep(for: retention.interval)
      }
    }
  }

  /// Sweeps once.
  func sweep(now: Date = Date()) async {
    do throws(ServiceError) {
      var count = try await queue.store.expire(
        now: now, forgetBefore: now.addingTimeInterval(-Self.memory))
      try await clean()
      while folder.usedBytes > retention.diskBudget, try await queue.store.expireOldest() != nil {
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

  private func clean() async throws(ServiceError) {
    let folder = folder
    try await queue.store.clean { keys, uploads in
      // Out of the way at once; what takes time is done when nobody waits for the store.
      folder.discard(exceptKeys: keys, exceptUploads: uploads)
    }
    folder.emptyTrash()
  }
}
