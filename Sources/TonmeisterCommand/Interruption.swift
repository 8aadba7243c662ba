// SPDX-License-Identifier: MIT
import Foundation
import Synchronization

/// Turns Ctrl-C and its kin into a call, so that everything begun can be undone.
///
/// A second signal, a second or more after the first, ends the program at once. Before that it is one
/// that was meant as the first: undoing takes a moment, and is not to be cut short.
final class Interruption: Sendable {
  private struct State {
    var received: Int32?
    var time: ContinuousClock.Instant?
    var handler: (@Sendable () -> Void)?
  }

  /// The end of a pipe into which the signal handler writes the number of the signal.
  private static let writingEnd = Atomic<Int32>(-1)

  private let state = Mutex(State())

  /// Takes over SIGINT, SIGTERM and SIGHUP; a closed pipe and a limit on the size of files become
  /// errors of writing.
  init() {
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    let readingEnd = ends[0]
    Self.writingEnd.store(ends[1], ordering: .sequentiallyConsistent)
    let numbers = [SIGINT, SIGTERM, SIGHUP]
    let thread = Thread { [weak self] in
      // Whoever started the program may have blocked the signals; this thread takes them.
      var set = sigset_t()
      sigemptyset(&set)
      for number in numbers { sigaddset(&set, number) }
      pthread_sigmask(SIG_UNBLOCK, &set, nil)
      while true {
        var number: UInt8 = 0
        let count = read(readingEnd, &number, 1)
        if count < 0, errno == EINTR { continue }
        guard count == 1 else { return }
        self?.receive(Int32(number))
      }
    }
    for number in numbers {
      let earlier = signal(number) { number in
        // Only calls that are safe in a signal handler.
        var byte = UInt8(truncatingIfNeeded: number)
        let saved = errno
        _ = write(Interruption.writingEnd.load(ordering: .sequentiallyConsistent), &byte, 1)
        errno = saved
      }
      // Who starts a program under nohup wants it to ignore the signal.
      if number == SIGHUP, Self.isIgnored(earlier) { signal(number, SIG_IGN) }
    }
    thread.start()
  }

  private static func isIgnored(_ handler: sighandler_t?) -> Bool {
    unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// The first signal that came.
  var received: Int32? { state.withLock { $0.received } }

  /// Runs `handler` on the first signal, at once when that has already come.
  func onSignal(_ handler: @escaping @Sendable () -> Void) {
    let isLate = state.withLock { state in
      state.handler = handler
      return state.received != nil
    }
    if isLate { handler() }
  }

  private func receive(_ number: Int32) {
    let now = ContinuousClock.now
    let (first, handler) = state.withLock { state in
      defer {
        state.received = state.received ?? number
        state.time = state.time ?? now
      }
      return (state.time, state.handler)
    }
    guard let first else {
      handler?()
      return
    }
    if now - first >= .seconds(1) { _exit(128 + number) }
  }
}
