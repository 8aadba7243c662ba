// SPDX-License-Identifier: MIT
import Dispatch
import Foundation
import Synchronization

/// Turns Ctrl-C and its kin into a call, so that everything begun can be undone.
///
/// The second signal ends the program at once.
///
/// `@unchecked Sendable`: `sources` is written in `init` only and merely kept alive; the rest is
/// behind a mutex.
final class Interruption: @unchecked Sendable {
  private struct State {
    var received: Int32?
    var handler: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())
  private var sources: [any DispatchSourceSignal] = []

  /// Takes over SIGINT, SIGTERM and SIGHUP; a closed pipe and a limit on the size of
  /// files become errors of writing.
  init() {
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(
        signal: number, queue: .global(qos: .userInteractive))
      source.setEventHandler { [weak self] in self?.receive(number) }
      source.resume()
      sources.append(source)
    }
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
    let (isFirst, handler) = state.withLock { state in
      defer { state.received = state.received ?? number }
      return (state.received == nil, state.handler)
    }
    if !isFirst { _exit(128 + number) }
    handler?()
  }
}
