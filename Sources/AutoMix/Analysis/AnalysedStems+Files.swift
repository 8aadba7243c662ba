// SPDX-License-Identifier: MIT
import Audio
import Dispatch
import Foundation
import Synchronization

extension AnalysedStems {
  /// Analyses files, several at the same time; blocks until all are done.
  ///
  /// - Parameters:
  ///   - files: The names of the tracks and their files.
  ///   - jobs: How many threads work; 0 for one per core.
  ///   - isCancelled: Asked for every block.
  ///   - report: Told how many seconds of audio are done, by any thread.
  /// - Throws: ``AutoMixError`` of the first file that could not be read, or `cancelled`.
  public init(
    files: [(name: String, path: String)], jobs: Int = 0,
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled },
    report: @escaping @Sendable (_ secondsDone: Double) -> Void = { _ in }
  ) throws(AutoMixError) {
    let results = Mutex([Result<StemAnalysis, AutoMixError>?](repeating: nil, count: files.count))
    let seconds = Mutex([Double](repeating: 0, count: files.count))
    let next = Mutex(0)
    let cores = jobs == 0 ? ProcessInfo.processInfo.activeProcessorCount : jobs
    DispatchQueue.concurrentPerform(iterations: max(1, min(cores, files.count))) { _ in
      while true {
        let index = next.withLock { next in
          defer { next += 1 }
          return next
        }
        guard index < files.count else { return }
        let result = Result { () throws(AutoMixError) in
          try StemAnalysis(
            path: files[index].path, name: files[index].name, isCancelled: isCancelled
          ) { done in
            report(
              seconds.withLock { seconds in
                seconds[index] = done
                return seconds.reduce(0, +)
              })
          }
        }
        results.withLock { $0[index] = result }
      }
    }
    var stems: [StemAnalysis] = []
    for result in results.withLock({ $0 }) {
      if let stem = try result?.get() { stems.append(stem) }
    }
    self.init(stems)
  }

  /// Analyses files on threads of its own; stops when the task is cancelled.
  ///
  /// - Parameters:
  ///   - files: The names of the tracks and their files.
  ///   - jobs: How many threads work; 0 for one per core.
  ///   - report: Told how many seconds of audio are done, by any thread.
  /// - Throws: ``AutoMixError`` of the first file that could not be read, or `cancelled`.
  public static func analysing(
    _ files: [(name: String, path: String)], jobs: Int = 0,
    report: @escaping @Sendable (_ secondsDone: Double) -> Void = { _ in }
  ) async throws(AutoMixError) -> AnalysedStems {
    try await onOwnThread { (signal) throws(AutoMixError) in
      try AnalysedStems(
        files: files, jobs: jobs, isCancelled: { signal.isCancelled }, report: report)
    }
  }
}
