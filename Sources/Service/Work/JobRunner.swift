// SPDX-License-Identifier: MIT
import Foundation

/// Does the work of jobs.
protocol JobRunner: Sendable {
  /// Makes the result of a job.
  ///
  /// - Parameters:
  ///   - folder: An empty folder for the files of the result.
  ///   - report: Told how far the work has come, by the task that does it.
  /// - Throws: Anything; `cancelled` when the task was cancelled.
  func run(
    _ job: Job, in folder: URL, report: @escaping @Sendable (JobProgress) async -> Void
  ) async throws(ServiceError) -> JobResult
}

/// Does every kind of work, each by its own runner.
struct Workshop: JobRunner {
  let folder: DataFolder
  let limits: ServiceLimits
  let models: ModelShelf
  /// How many threads a job uses; 0 for one per core.
  let threads: Int

  func run(
    _ job: Job, in place: URL, report: @escaping @Sendable (JobProgress) async -> Void
  ) async throws(ServiceError) -> JobResult {
    var limits = limits
    limits.audioSeconds = job.terms.audioSeconds
    switch job.settings {
    case .separation(let settings):
      let run = SeparationRun(
        job: job, settings: settings, folder: folder, limits: limits, models: models)
      return try await run.run(in: place, report: report)
    case .preparation(let settings):
      let run = PreparationRun(job: job, settings: settings, folder: folder, limits: limits)
      return try await run.run(in: place, report: report)
    case .mix(let settings):
      let run = MixRun(job: job, settings: settings, folder: folder, threads: threads)
      return try await run.run(in: place, report: report)
    }
  }
}
