// SPDX-License-Identifier: MIT
import Foundation
import Hummingbird

/// What the resources of the service share.
struct Resources: Sendable {
  let configuration: ServiceConfiguration
  let folder: DataFolder
  let queue: JobQueue
  let models: ModelShelf
  let probe: InputProbe
  let files: OnDemandFiles
  let songs: AnalysedSongs
  let metrics: ServiceMetrics
  let tracer: Tracer
  let streams: StreamSlots
  let ending = Ending()
  /// Those whose whole songs, and whole answers, are in memory.
  let wholeSongs = Turnstile(capacity: 2, waiting: 16)

  var limits: ServiceLimits { configuration.limits }

  /// All routes but those of the page.
  func register(in routes: RouteTable) {
    SeparationResource(resources: self).register(in: routes)
    TakeResource(resources: self).register(in: routes)
    JobResource(resources: self).register(in: routes)
    EventResource(resources: self).register(in: routes)
    AudioResource(resources: self).register(in: routes)
    PeakResource(resources: self).register(in: routes)
    MeasurementResource(resources: self).register(in: routes)
    PlanResource(resources: self).register(in: routes)
    MixResource(resources: self).register(in: routes)
    ExportResource(resources: self).register(in: routes)
    ModelResource(resources: self).register(in: routes)
    ListenerResource(resources: self).register(in: routes)
    HealthResource(resources: self).register(in: routes)
    DemixingResource(resources: self).register(in: routes)
    LegacyResource(resources: self).register(in: routes)
  }

  /// The job that a path names.
  ///
  /// - Throws: `notFound`, `gone`.
  func job(_ context: ServiceContext) async throws(ServiceError) -> Job {
    try await queue.job(context.parameters.get("id") ?? "", of: context.client)
  }

  /// The job that a path names, with its result.
  ///
  /// - Throws: `notFound`, `gone`; `conflict` where it has none.
  func finishedJob(_ context: ServiceContext) async throws(ServiceError) -> (Job, JobResult) {
    try await finished(try await job(context))
  }

  /// A job with its result, which is in the data folder then.
  ///
  /// - Throws: `conflict` where it has none; what bringing it from a bucket throws.
  func finished(_ job: Job) async throws(ServiceError) -> (Job, JobResult) {
    guard job.state == .succeeded, let result = job.result else {
      throw ServiceError(
        .conflict, "The job is \(job.state.rawValue) and has no result; see GET /v1/jobs/\(job.id)."
      )
    }
    try await queue.bucketStorage?.bring(result, of: job.key)
    return (job, result)
  }

  /// The result of a key, which is in the data folder then; nil where it was removed.
  ///
  /// - Throws: What bringing it from a bucket throws.
  func result(_ key: ContentKey) async throws(ServiceError) -> JobResult? {
    guard let bucketStorage = queue.bucketStorage else { return folder.result(key) }
    guard let result = try await queue.store.result(key) else { return nil }
    try await bucketStorage.bring(result, of: key)
    return result
  }

  /// The path of a file of a result.
  func path(_ audio: JobResult.Audio, of job: Job) -> String {
    folder.result(folder: job.key).appending(path: audio.file).path
  }

  /// The file of some audio in a format, made now where it is not there.
  ///
  /// - Throws: `unavailable` where too many are being made, `full`, `gone`.
  func path(
    of audio: JobResult.Audio, in format: DeliveryFormat, of job: Job
  ) async throws(ServiceError) -> String {
    let stored = path(audio, of: job)
    if format == .stored { return stored }
    let name = "\(audio.file.dropLast(4))-\(format.token).\(format.fileExtension)"
    return try await files.path(of: name, in: job.key) { path throws(ServiceError) in
      try await StemConverter().convert(stored, to: path, format: format)
    }
  }

  /// The answer to a request that made a job.
  func accepted(_ standing: JobQueue.Standing) -> Response {
    if standing.job.state == .succeeded { metrics.resultReused() }
    return .json(
      JobDocument(standing), status: .accepted,
      headers: [.location: "/v1/jobs/\(standing.job.id)"])
  }
}
