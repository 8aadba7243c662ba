// SPDX-License-Identifier: MIT
import ServiceLifecycle
import Synchronization

/// Wakes those who watch jobs when something has changed.
///
/// It carries no news, only the hint to look: who is slow misses nothing but steps in between.
final class JobFeed: Sendable {
  private struct State {
    var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
    var next = 0
    var isClosed = false
  }

  private let state = Mutex(State())

  /// Tells all watchers to look.
  func changed() {
    let watchers = state.withLock { Array($0.watchers.values) }
    for watcher in watchers { watcher.yield() }
  }

  /// Ends all watching, now and later.
  func close() {
    let watchers = state.withLock { state in
      state.isClosed = true
      defer { state.watchers = [:] }
      return Array(state.watchers.values)
    }
    for watcher in watchers { watcher.finish() }
  }

  /// Hints to look for one who watches.
  struct Watch: Sendable {
    /// The first hint comes at once; they end when the feed is closed.
    let hints: AsyncStream<Void>
    fileprivate let continuation: AsyncStream<Void>.Continuation

    /// Gives a hint to this watcher alone.
    func wake() { continuation.yield() }

    /// Ends the hints.
    func end() { continuation.finish() }

    /// Watches, and ends the hints when the service shuts down.
    func untilShutdown<Value, Failure: Error>(
      _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
      let result: Result<Value, Failure> = await withGracefulShutdownHandler {
        do throws(Failure) { return .success(try await body()) } catch { return .failure(error) }
      } onGracefulShutdown: {
        end()
      }
      return try result.get()
    }
  }

  /// Begins to watch.
  func watch() -> Watch {
    let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    continuation.yield()
    let isClosed = state.withLock { state in
      guard !state.isClosed else { return true }
      let number = state.next
      state.next += 1
      state.watchers[number] = continuation
      continuation.onTermination = { [weak self] _ in self?.remove(number) }
      return false
    }
    if isClosed { continuation.finish() }
    return Watch(hints: stream, continuation: continuation)
  }

  private func remove(_ number: Int) {
    // What is removed ends outside of the lock.
    let watcher = state.withLock { $0.watchers.removeValue(forKey: number) }
    _ = watcher
  }
}
