// SPDX-License-Identifier: MIT
import Synchronization

/// Whether the service ends, which ends calls over gRPC as if their clients had cancelled them.
final class Ending: Sendable {
  private let state = Atomic(false)

  var hasBegun: Bool { state.load(ordering: .acquiring) }

  func begin() { state.store(true, ordering: .releasing) }
}
