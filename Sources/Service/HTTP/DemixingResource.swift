// SPDX-License-Identifier: MIT
import HTTPTypes
import Hummingbird

/// `POST /v1/demix`: a song in, its stems out, in one request.
struct DemixingResource: Sendable {
  let resources: Resources

  func register(in routes: RouteTable) {
    routes.post("/v1/demix") { request, context in
      var fields = try RequestFields(query: request)
      let source = fields.take("source") ?? Demixing.all
      let name = fields.take("name")
      let rest = fields
      let demixing = Demixing(resources: resources)
      let settings = try await demixing.settings(source: source)
      let file = try await resources.queue.reserve(for: context.client) {
        () async throws(ServiceError) in
        let upload = try await Upload.read(
          request, state: context.body, files: ["file"], name: name, into: resources.folder,
          limits: resources.limits)
        var fields = rest
        fields.add(upload.fields)
        try fields.finish()
        guard let file = upload.files["file"] else {
          throw ServiceError(.invalid, "file: the form has no file of this name.")
        }
        return file
      }
      let answer = try await demixing.answer(file, settings, client: context.client)
      return try await FileAnswer(
        path: answer.path, mediaType: "application/json", downloadName: nil,
        revision: answer.revision
      ).response(to: request, context)
    }
  }
}
