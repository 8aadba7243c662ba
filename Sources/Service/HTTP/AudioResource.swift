// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Hummingbird
import Mixdown

/// Stems, the song as it was decoded, and mixes, as files.
struct AudioResource: Sendable {
  let resources: Resources

  func register(in routes: RouteTable) {
    routes.get("/v1/jobs/:id/stems/:stem") { request, context in
      let (job, result) = try await resources.finishedJob(context)
      let stem = try Self.stem(context, result)
      return try await audio(stem, of: job, result, request, context)
    }
    routes.get("/v1/jobs/:id/original") { request, context in
      let (job, result) = try await resources.finishedJob(context)
      return try await audio(try Self.original(result), of: job, result, request, context)
    }
    routes.get("/v1/jobs/:id/mix") { request, context in
      let (job, result) = try await resources.finishedJob(context)
      try RequestFields(query: request).finish()
      return try await mix(of: job, result, request, context)
    }
    routes.get("/v1/jobs/:id/stems.zip") { request, context in
      let (job, result) = try await resources.finishedJob(context)
      return try await archive(of: job, result, request, context)
    }
  }

  /// The stem that a path names.
  static func stem(
    _ context: ServiceContext, _ result: JobResult
  ) throws(ServiceError) -> JobResult.Audio {
    let name = context.parameters.get("stem")?.removingPercentEncoding ?? ""
    guard let stem = result.stem(name) else {
      throw ServiceError(
        .notFound,
        result.stems.isEmpty
          ? "This job has no stems."
          : "The job has no such stem; it has \(result.stems.map(\.name).joined(separator: ", ")).")
    }
    return stem
  }

  static func original(_ result: JobResult) throws(ServiceError) -> JobResult.Audio {
    guard let original = result.original else {
      throw ServiceError(.notFound, "This job has no original.")
    }
    return original
  }

  /// A mix in the format in which it was made.
  func mix(
    of job: Job, _ result: JobResult, _ request: Request, _ context: ServiceContext
  ) async throws -> Response {
    guard let mix = result.mix, case .mix(let settings) = job.settings else {
      throw ServiceError(.notFound, "This job has no mix; ask for one with POST /v1/mixes.")
    }
    let format = try DeliveryFormat(format: settings.format, encoding: settings.encoding)
    return try await FileAnswer(
      path: resources.path(mix, of: job), mediaType: format.mediaType,
      downloadName: "\(job.name)-mix.\(format.fileExtension)", revision: result.revision
    ).response(to: request, context)
  }

  private func audio(
    _ audio: JobResult.Audio, of job: Job, _ result: JobResult, _ request: Request,
    _ context: ServiceContext
  ) async throws -> Response {
    let format = try Self.format(request)
    let path = try await resources.path(of: audio, in: format, of: job)
    return try await FileAnswer(
      path: path, mediaType: format.mediaType,
      downloadName: "\(job.name)-\(audio.name).\(format.fileExtension)", revision: result.revision
    ).response(to: request, context)
  }

  private static func format(_ request: Request) throws(ServiceError) -> DeliveryFormat {
    var fields = try RequestFields(query: request)
    let format = try DeliveryFormat(
      format: fields.take("format"), encoding: fields.take("encoding"))
    try fields.finish()
    return format
  }

  private func archive(
    of job: Job, _ result: JobResult, _ request: Request, _ context: ServiceContext
  ) async throws -> Response {
    let format = try Self.format(request)
    guard !result.stems.isEmpty else { throw ServiceError(.notFound, "This job has no stems.") }
    var members: [(name: String, path: String)] = []
    for stem in result.stems {
      let path = try await resources.path(of: stem, in: format, of: job)
      members.append((SessionExporter.fileName(of: stem.name) + ".\(format.fileExtension)", path))
    }
    let files = members
    let archive = try await resources.files.path(of: "stems-\(format.token).zip", in: job.key) {
      path throws(ServiceError) in
      try await blocking { (signal) throws(ServiceError) in
        do throws(MixdownError) {
          try ZipArchive.write(files, to: path, isCancelled: { signal.isCancelled })
        } catch { throw ServiceError(error) }
      }
    }
    return try await FileAnswer(
      path: archive, mediaType: "application/zip", downloadName: "\(job.name)-stems.zip",
      revision: result.revision
    ).response(to: request, context)
  }
}
