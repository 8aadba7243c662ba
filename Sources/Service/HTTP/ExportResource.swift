// SPDX-License-Identifier: MIT
import Audio
import Foundation
import HTTPTypes
import Hummingbird
import MixCore
import Mixdown

/// `GET /v1/jobs/{id}/export`: a mix as a session for other programs.
struct ExportResource: Sendable {
  let resources: Resources

  /// The formats under the names that requests have for them.
  static let formats: [(name: String, format: SessionExporter.Format)] = [
    ("dawproject", .dawproject), ("rpp", .reaper), ("stem.mp4", .stemMP4), ("bwf", .bwf),
  ]

  func register(in routes: RouteTable) {
    routes.get("/v1/jobs/:id/export") { request, context in
      let (job, result) = try await resources.finishedJob(context)
      var fields = try RequestFields(query: request)
      let name = try fields.word("format", among: Self.formats.map(\.name)) ?? "dawproject"
      try fields.finish()
      guard let format = Self.formats.first(where: { $0.name == name })?.format else {
        throw ServiceError(.invalid, "format: there is no such format.")
      }
      let path = try await export(job, result, as: format, name)
      let isFolder = format == .reaper || format == .bwf
      let ending = isFolder ? "\(name).zip" : name
      return try await FileAnswer(
        path: path,
        mediaType: format == .stemMP4 ? "video/mp4" : "application/zip",
        downloadName: "\(job.name).\(ending)", revision: result.revision
      ).response(to: request, context)
    }
  }

  private func export(
    _ job: Job, _ result: JobResult, as format: SessionExporter.Format, _ name: String
  ) async throws(ServiceError) -> String {
    guard case .mix(let settings) = job.settings, let sourceKey = job.sourceKey else {
      throw ServiceError(.conflict, "Only a mix can be exported; ask for one with POST /v1/mixes.")
    }
    guard let source = try await resources.result(sourceKey) else {
      throw ServiceError(.gone, "The stems of this mix were removed; send the song again.")
    }
    let session = try MixSession(
      plan: MixPlan(documentText: settings.plan), stems: source.stems,
      in: resources.folder.result(folder: sourceKey))
    var options = SessionExporter.Options()
    options.title = job.name
    options.date = job.createdAt
    options.mix.normalization = Mixer.Normalization(rawValue: settings.normalize) ?? .loudness
    let exporter: SessionExporter
    do throws(MixdownError) {
      exporter = try SessionExporter(
        plan: session.plan, stemPaths: session.paths, format: format, options: options)
    } catch { throw ServiceError(error) }
    let folder = resources.folder
    // Title and date are those of a client's own job, the mix may be that of several.
    let own = ContentKey("export 1", [job.name, "\(job.createdAt.timeIntervalSince1970)"])
    return try await resources.files.path(of: "export-\(own)-\(name)", in: job.key) {
      path throws(ServiceError) in
      try await Self.write(exporter, to: path, format: format, staging: folder.newStaging())
    }
  }

  /// Writes an export in a folder of its own first, since some are several files.
  private static func write(
    _ exporter: SessionExporter, to path: String, format: SessionExporter.Format, staging: URL
  ) async throws(ServiceError) {
    guard mkdir(staging.path, 0o700) == 0 else {
      throw ServiceError(.full, "There is no room for the export; free some space.")
    }
    defer { try? FileManager.default.removeItem(at: staging) }
    do {
      switch format {
      case .dawproject, .stemMP4:
        let file = staging.appending(
          path: format == .dawproject ? "song.dawproject" : "song.stem.mp4")
        _ = try await exporter.export(to: file.path)
        guard rename(file.path, path) == 0 else {
          throw MixdownError(code: .output, message: "There is no room for the export.")
        }
      case .reaper, .bwf:
        let export = try await exporter.export(to: staging.appending(path: "song").path)
        let files = export.files.map { file in
          (name: Self.memberName(file, below: staging), path: file)
        }
        try await archive(files, to: path)
      }
    } catch let error as ServiceError {
      throw error
    } catch let error as MixdownError {
      throw ServiceError(error)
    } catch {
      throw .cancelled
    }
  }

  private static func archive(
    _ files: [(name: String, path: String)], to path: String
  ) async throws(ServiceError) {
    try await blocking { (signal) throws(ServiceError) in
      do throws(MixdownError) {
        try ZipArchive.write(files, to: path, isCancelled: { signal.isCancelled })
      } catch { throw ServiceError(error) }
    }
  }

  private static func memberName(_ path: String, below folder: URL) -> String {
    let prefix = folder.path + "/"
    return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : "file"
  }
}
