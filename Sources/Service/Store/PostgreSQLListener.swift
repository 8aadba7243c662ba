// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Logging
import ServiceLifecycle

/// Hears from PostgreSQL that other processes have changed something, and wakes those who watch.
struct PostgreSQLListener: Sendable {
  let url: String
  let changes: [SQLChange]

  /// How long it is waited before it is looked whether to stop, and before a new connection is tried.
  private static let interval: Int32 = 500

  /// Listens until the signal is given.
  ///
  /// - Parameter onChange: Called whenever something may have changed, also when something may have been missed.
  func listen(
    until signal: CancellationSignal, logger: Logger, onChange: () -> Void
  ) {
    var isTold = false
    while !signal.isCancelled {
      do throws(PostgreSQLError) {
        let connection = try PostgreSQLConnection(url: url)
        try connection.listen(changes)
        isTold = false
        onChange()
        while !signal.isCancelled {
          if try connection.wasNotified(within: Self.interval) { onChange() }
        }
      } catch {
        if !isTold { logger.warning("The database is away.", metadata: ["error": "\(error)"]) }
        isTold = true
        Thread.sleep(forTimeInterval: Double(Self.interval) / 1000)
      }
    }
  }
}

/// Wakes those who watch jobs in this process when something has changed in another.
struct ChangeListener: ServiceLifecycle.Service {
  let listener: PostgreSQLListener
  let feed: JobFeed
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      await onOwnThread { signal in
        listener.listen(until: signal, logger: logger) { feed.changed() }
      }
    }
  }
}
