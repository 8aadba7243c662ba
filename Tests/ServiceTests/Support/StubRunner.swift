// SPDX-License-Identifier: MIT
import Foundation
import Synchronization

@testable import Service

/// Does no work but what a test says, and remembers what it was asked for.
final class StubRunner: JobRunner {
  private struct State {
    var isOpen: Bool
    var begun: [Job] = []
    var cancelled = 0
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  /// The size of the song that results have; nil for none.
  private let originalBytes: Int?

  /// - Parameter isOpen: Whether jobs end at once; else they wait for ``open()``.
  init(isOpen: Bool = true, originalBytes: Int? = nil) {
    state = Mutex(State(isOpen: isOpen))
    self.originalBytes = originalBytes
  }

  /// The jobs that were begun, in order.
  var begun: [Job] { state.withLock { $0.begun } }

  /// How many were cancelled in their midst.
  var cancelled: Int { state.withLock { $0.cancelled } }

  /// Lets all jobs end.
  func open() { state.withLock { $0.isOpen = true } }

  func run(
    _ job: Job, in folder: URL, report: @escaping @Sendable (JobProgress) async -> Void
  ) async throws(ServiceError) -> JobResult {
    state.withLock { $0.begun.append(job) }
    var step = 0
    while !state.withLock({ $0.isOpen }) {
      step += 1
      await report(JobProgress(fraction: min(0.9, Double(step) / 100), stage: "waiting"))
      if Task.isCancelled {
        state.withLock { $0.cancelled += 1 }
        throw .cancelled
      }
      try? await Task.sleep(for: .milliseconds(20))
    }
    var result = JobResult()
    result.warnings = ["stub"]
    if let originalBytes {
      try? Data(count: originalBytes).write(to: folder.appending(path: "original.wav"))
      result.original = JobResult.Audio(
        name: "original", file: "original.wav", sampleRate: 44_100, channelCount: 2,
        frameCount: originalBytes / 8)
    }
    return result
  }
}
