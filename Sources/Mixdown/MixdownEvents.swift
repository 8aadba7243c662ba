// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Synchronization

/// The events of one mix: progress values, then the result.
///
/// Nothing happens before the sequence is iterated; every iteration is a mix of its own. When the iterating
/// task is cancelled, or the iterator is dropped, the mix stops within a second; `next()` then throws a
/// ``MixdownError`` with the code `cancelled`, after everything that was begun has been undone.
public struct MixdownEvents: AsyncSequence, Sendable {
  /// A progress value or the result.
  public typealias Element = MixdownEvent
  /// Why the mix failed.
  public typealias Failure = MixdownError

  let start: @Sendable (EventChannel) -> Void

  /// Starts the mix on a thread of its own.
  public func makeAsyncIterator() -> Iterator {
    let channel = EventChannel()
    start(channel)
    return Iterator(handle: Iterator.Handle(channel: channel))
  }

  /// Waits for the events of one mix.
  public struct Iterator: AsyncIteratorProtocol {
    /// Cancels the mix when the last copy of its iterator is gone.
    fileprivate final class Handle: Sendable {
      let channel: EventChannel
      init(channel: EventChannel) { self.channel = channel }
      deinit { channel.signal.cancel() }
    }

    fileprivate let handle: Handle

    /// The next event; `nil` after the result.
    public mutating func next() async throws(MixdownError) -> MixdownEvent? {
      try await next(isolation: nil)
    }

    /// The next event; `nil` after the result.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(MixdownError) -> MixdownEvent? {
      let channel = handle.channel
      let event = await withTaskCancellationHandler {
        await channel.next()
      } onCancel: {
        channel.signal.cancel()
      }
      return try event.get()
    }
  }
}

/// Carries events from the thread of a mix to the task that waits for them.
///
/// It holds at most one progress value, so a slow listener costs no memory.
final class EventChannel: Sendable {
  typealias Event = Result<MixdownEvent?, MixdownError>

  private struct State {
    var progress: MixdownProgress?
    var result: Result<MixdownResult, MixdownError>?
    var isOver = false
    var waiting: CheckedContinuation<Event, Never>?

    mutating func nextEvent() -> Event? {
      if isOver { return .success(nil) }
      if let result {
        isOver = true
        return result.map { .finished($0) }
      }
      guard let progress else { return nil }
      self.progress = nil
      return .success(.progress(progress))
    }
  }

  /// Tells the mix to stop.
  let signal = CancellationSignal()
  private let state = Mutex(State())

  /// Called by the thread of the mix.
  func report(_ progress: MixdownProgress) { update { $0.progress = progress } }

  /// Called by the thread of the mix, once, last.
  func finish(_ result: Result<MixdownResult, MixdownError>) { update { $0.result = result } }

  /// Called by the listening task.
  func next() async -> Event {
    await withCheckedContinuation { continuation in
      let event: Event? = state.withLock { state in
        if let event = state.nextEvent() { return event }
        state.waiting = continuation
        return nil
      }
      if let event { continuation.resume(returning: event) }
    }
  }

  private func update(_ change: (inout sending State) -> Void) {
    let (waiting, event): (CheckedContinuation<Event, Never>?, Event?) = state.withLock { state in
      change(&state)
      guard let waiting = state.waiting else { return (nil, nil) }
      state.waiting = nil
      return (waiting, state.nextEvent())
    }
    if let waiting, let event { waiting.resume(returning: event) }
  }
}
