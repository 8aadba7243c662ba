// SPDX-License-Identifier: MIT
import Hummingbird

/// `POST /v1/separations`: a song in, a job that takes it apart out.
struct SeparationResource: Sendable {
  let resources: Resources

  private var intake: SeparationIntake { SeparationIntake(resources: resources) }

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
      return try await intake.submit(file, settings, client: context.client)
    }
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
    try await intake.check(settings)
    return settings
  }
}
