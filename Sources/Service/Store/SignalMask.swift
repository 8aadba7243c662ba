// SPDX-License-Identifier: MIT
import Foundation

/// Which signals a thread is sent.
enum SignalMask {
  /// Keeps signals that end the process away from this thread, so that they reach those that wait for them: here they would
  /// be lost.
  static func leaveToOthers() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGTERM, SIGINT] { sigaddset(&signals, number) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}
