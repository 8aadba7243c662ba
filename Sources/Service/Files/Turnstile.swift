// SPDX-License-Identifier: MIT

/// Lets so many do something at the same time, and so many wait for it.
actor Turnstile {
  private let capacity: Int
  private let maximumWaiting: Int
  private var inside = 0
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(capacity: Int, waiting: Int) {
    self.capacity = capacity
    maximumWaiting = waiting
  }

  /// Waits for its turn, in the order of arrival, and does something.
  ///
  /// - Throws: `unavailable` where too many wait already, and what `body` throws.
  func pass<Value: Sendable>(
    _ body: @Sendable () async throws(ServiceError) -> Value
  ) async throws(ServiceError) -> Value {
    if inside < capacity {
      inside += 1
    } else {
      guard waiting.count < maximumWaiting else {
        throw ServiceError(
          .unavailable, "Too many files are being made at this time; try again in a moment.",
          retryAfterSeconds: 5)
      }
      // Who leaves hands on the place.
      await withCheckedContinuation { waiting.append($0) }
    }
    defer { leave() }
    return try await body()
  }

  private func leave() {
    if waiting.isEmpty { inside -= 1 } else { waiting.removeFirst().resume() }
  }
}
