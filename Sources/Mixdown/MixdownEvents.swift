// SPDX-License-Identifier: MIT
import Audio

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

  let start: @Sendable (MixdownChannel) -> Void

  /// Starts the mix on a thread of its own.
  public func makeAsyncIterator() -> Iterator {
    let channel = MixdownChannel()
    start(channel)
    return Iterator(handle: Iterator.Handle(channel: channel))
  }

  /// Waits for the events of one mix.
  public struct Iterator: AsyncIteratorProtocol {
    /// Cancels the mix when the last copy of its iterator is gone.
    fileprivate final class Handle: Sendable {
      let channel: MixdownChannel
      init(channel: MixdownChannel) { self.channel = channel }
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
      switch try await handle.channel.next().get() {
      case .progress(let progress): .progress(progress)
      case .finished(let result): .finished(result)
      case nil: nil
      }
    }
  }
}

/// Carries the events of a run.
typealias MixdownChannel = EventChannel<MixdownProgress, MixdownResult, MixdownError>
