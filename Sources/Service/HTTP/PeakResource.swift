// SPDX-License-Identifier: MIT
import Audio
import Foundation
import HTTPTypes
import Hummingbird

/// `…/peaks`: what waveforms are drawn of.
struct PeakResource: Sendable {
  /// The overviews that are in memory at the same time: that of hours takes a hundred megabytes.
  private static let capacity = 2

  let resources: Resources
  private let turnstile: Turnstile

  init(resources: Resources) {
    self.resources = resources
    turnstile = Turnstile(
      capacity: Self.capacity, waiting: resources.limits.waitingConversions)
  }

  func register(in routes: RouteTable) {
    routes.get("/v1/jobs/:id/stems/:stem/peaks") { request, context in
      let (job, result) = try await resources.finishedJob(context)
      return try await peaks(try AudioResource.stem(context, result), of: job, result, request)
    }
    routes.get("/v1/jobs/:id/original/peaks") { request, context in
      let (job, result) = try await resources.finishedJob(context)
      return try await peaks(try AudioResource.original(result), of: job, result, request)
    }
    routes.get("/v1/jobs/:id/mix/peaks") { request, context in
      let (job, result) = try await resources.finishedJob(context)
      guard let mix = result.mix else {
        throw ServiceError(.notFound, "This job has no mix; ask for one with POST /v1/mixes.")
      }
      return try await peaks(mix, of: job, result, request)
    }
  }

  private func peaks(
    _ audio: JobResult.Audio, of job: Job, _ result: JobResult, _ request: Request
  ) async throws -> Response {
    var fields = try RequestFields(query: request)
    let points = try fields.integer("points", in: 1...Peaks.maximumPoints) ?? 1000
    try fields.finish()
    let tag = EntityTag([result.revision, audio.file, "peaks", "\(points)"])
    let headers: HTTPFields = [.eTag: tag.text, .cacheControl: "private, no-cache"]
    if tag.isListed(in: request.headers[.ifNoneMatch]) {
      return Response(status: .notModified, headers: headers)
    }
    let file = try await overview(audio, of: job)
    let peaks = try await turnstile.pass { () async throws(ServiceError) in
      try await blocking { (_) throws(ServiceError) in
        guard
          let data = try? Data(contentsOf: URL(filePath: file), options: .mappedIfSafe),
          let overview = PeakOverview(data: data)
        else { throw ServiceError(.failed, "The waveform cannot be read.") }
        return overview.peaks(points: points)
      }
    }
    return .json(peaks, headers: headers)
  }

  /// The file of the overview of some audio, made now where it is not there.
  private func overview(
    _ audio: JobResult.Audio, of job: Job
  ) async throws(ServiceError) -> String {
    let stored = resources.path(audio, of: job)
    return try await resources.files.path(of: "\(audio.file).peaks", in: job.key) {
      path throws(ServiceError) in
      try await blocking { (signal) throws(ServiceError) in
        let overview: PeakOverview
        do throws(AudioError) {
          overview = try PeakOverview(path: stored, isCancelled: { signal.isCancelled })
        } catch { throw ServiceError(error) }
        do { try overview.data.write(to: URL(filePath: path), options: .atomic) } catch {
          throw ServiceError(.full, "There is no room for the waveform; free some space.")
        }
      }
    }
  }
}
