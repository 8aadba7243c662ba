// SPDX-License-Identifier: MIT
import Synchronization

/// Whether all of a request has been read; else the connection cannot go on after the answer.
final class BodyState: Sendable {
  private let state = Atomic(false)

  var isRead: Bool {
    get { state.load(ordering: .relaxed) }
    set { state.store(newValue, ordering: .relaxed) }
  }
}
