// SPDX-License-Identifier: MIT
import Synchronization

/// The streams of events that are open at the same time, over HTTP and gRPC.
final class StreamSlots: Sendable {
  /// A place, which is free again when this object is gone.
  final class Slot: Sendable {
    private let slots: StreamSlots

    fileprivate init(_ slots: StreamSlots) {
      self.slots = slots
      slots.metrics.streamBegan()
    }

    deinit {
      slots.taken.withLock { $0 -= 1 }
      slots.metrics.streamEnded()
    }
  }

  private let limit: Int
  private let metrics: ServiceMetrics
  private let taken = Mutex(0)

  init(limit: Int, metrics: ServiceMetrics) {
    self.limit = limit
    self.metrics = metrics
  }

  /// - Throws: `unavailable` where all are taken.
  func take() throws(ServiceError) -> Slot {
    let isFull = taken.withLock { taken in
      guard taken < limit else { return true }
      taken += 1
      return false
    }
    guard !isFull else {
      throw ServiceError(
        .unavailable, "\(limit) streams of events are open, which are all there are.",
        retryAfterSeconds: 10)
    }
    return Slot(self)
  }
}
