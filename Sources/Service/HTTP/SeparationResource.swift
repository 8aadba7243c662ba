// SPDX-License-Identifier: MIT
import Foundation
import Hummingbird
import Separation

/// `POST /v1/separations`: a song in, a job that takes it apart out.
struct SeparationResource: Sendable {
  let resources: Resources

  func register(in routes: RouteTable) {
    routes.post("/v1/separations") { request, context in
      var fields = try RequestFields(query: request)
      let standing = try await submit(request, context, &fields)
      return resources.accepted(standing)
    }
  }

  /// Reads a song and makes a job of it.
  func submit(
    _ request: Request, _ context: ServiceContext, _ fields: inout RequestFields
  ) async throws(ServiceError) -> JobQueue.Standing {
    // What is wrong in the query is told before the song has been sent.
    let name = fields.take("name")
    let early = try await settings(&fields)
    let rest = fields
    return try await resources.queue.reserve(for: context.client) { () async throws(ServiceError) in
      let upload = try await Upload.read(
        request, state: context.body, files: ["file"], name: name, into: resources.folder,
        limits: resources.limits)
      var fields = rest
      fields.add(upload.fields)
      let givenName = fields.take("name")
      let settings =
        upload.fields.isEmpty ? early : try await self.settings(&fields, from: early)
      try fields.finish()
      guard var file = upload.files["file"] else {
        throw ServiceError(.invalid, "file: the form has no file of this name.")
      }
      if let givenName {
        file = Upload.File(name: DisplayName.clean(givenName), file: file.file)
      }
      resources.metrics.uploaded(bytes: file.file.byteCount)
      return try await submit(file, settings, client: context.client)
    }
  }

  /// Makes a job of a song that was read.
  private func submit(
    _ file: Upload.File, _ settings: SeparationSettings, client: ClientID
  ) async throws(ServiceError) -> JobQueue.Standing {
    let input = try await resources.probe.probe(file, role: "file")
    let model = try await resources.models.separator(for: settings).model
    let key = ContentKey(
      "separation 1",
      [
        input.sha256, settings.model, model.revision,
        settings.stems?.joined(separator: ",") ?? "all", settings.twoStems ?? "",
        settings.precision,
      ])
    let job = Job(
      client: client, kind: .separation, key: key, settings: .separation(settings),
      inputs: [input], name: DisplayName.stem(of: file.name),
      audioSeconds: input.durationSeconds ?? 240, createdAt: Date())
    return try await resources.queue.submit(job, files: [file.file])
  }

  /// The settings in fields.
  ///
  /// - Throws: `invalid`.
  private func settings(
    _ fields: inout RequestFields, from standard: SeparationSettings = SeparationSettings()
  ) async throws(ServiceError) -> SeparationSettings {
    var settings = standard
    if let model = fields.take("model") { settings.model = model }
    if let stems = fields.take("stems") {
      settings.stems =
        stems == "all" ? nil : Set(stems.split(separator: ",").map(String.init)).sorted()
    }
    if let stem = fields.take("two-stems") { settings.twoStems = stem }
    if let precision = fields.take("precision") { settings.precision = precision }
    guard settings.stems == nil || settings.twoStems == nil else {
      throw ServiceError(.invalid, "stems: stems and two-stems exclude each other.")
    }
    let separator = try await resources.models.separator(for: settings)
    do throws(SeparationError) {
      _ = try StemFiles.names(for: settings.selection, stems: separator.stems)
    } catch { throw ServiceError(error) }
    return settings
  }
}
