// SPDX-License-Identifier: MIT
import Audio

/// The events of one separation: progress values, then the result.
///
/// Nothing happens before the sequence is iterated; every iteration is a separation of its own.
/// When the iterating task is cancelled, or the iterator is dropped, the separation stops within
/// a second; `next()` then throws a ``SeparationError`` with the code `cancelled`, after everything
/// that was begun has been undone.
public struct SeparationEvents: AsyncSequence, Sendable {
  /// A progress value or the result.
  public typealias Element = SeparationEvent
  /// Why the separation failed.
  public typealias Failure = SeparationError

  let start: @Sendable (SeparationChannel) -> Void

  /// Starts the separation on a thread of its own.
  public func makeAsyncIterator() -> Iterator {
    let channel = SeparationChannel()
    start(channel)
    return Iterator(handle: Iterator.Handle(channel: channel))
  }

  /// Waits for the events of one separation.
  public struct Iterator: AsyncIteratorProtocol {
    /// Cancels the separation when the last copy of its iterator is gone.
    fileprivate final class Handle: Sendable {
      let channel: SeparationChannel
      init(channel: SeparationChannel) { self.channel = channel }
      deinit { channel.signal.cancel() }
    }

    fileprivate let handle: Handle

    /// The next event; `nil` after the result.
    public mutating func next() async throws(SeparationError) -> SeparationEvent? {
      try await next(isolation: nil)
    }

    /// The next event; `nil` after the result.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(SeparationError) -> SeparationEvent? {
      switch try await handle.channel.next().get() {
      case .progress(let progress): .progress(progress)
      case .finished(let result): .finished(result)
      case nil: nil
      }
    }
  }
}

/// Carries the events of a run.
typealias SeparationChannel = EventChannel<SeparationProgress, SeparatedTrack, SeparationError>
