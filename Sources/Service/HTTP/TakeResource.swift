// SPDX-License-Identifier: MIT
import Foundation
import Hummingbird

/// `POST /v1/takes`: a take and its backing in, a job that prepares them out.
struct TakeResource: Sendable {
  let resources: Resources

  func register(in routes: RouteTable) {
    routes.post("/v1/takes") { request, context in
      try RequestFields(query: request).finish()
      let standing = try await resources.queue.reserve(for: context.client) {
        () async throws(ServiceError) in
        let upload = try await Upload.read(
          request, state: context.body, files: ["vocal", "backing"], name: nil,
          into: resources.folder, limits: resources.limits)
        return try await submit(upload, client: context.client)
      }
      return resources.accepted(standing)
    }
  }

  private func submit(
    _ upload: Upload, client: ClientID
  ) async throws(ServiceError) -> JobQueue.Standing {
    guard let vocal = upload.files["vocal"], let backing = upload.files["backing"] else {
      throw ServiceError(.invalid, "vocal: the files “vocal” and “backing” are both needed.")
    }
    let settings = try Self.settings(upload.fields)
    let inputs = [
      try await resources.probe.probe(vocal, role: "vocal"),
      try await resources.probe.probe(backing, role: "backing"),
    ]
    resources.metrics.uploaded(bytes: vocal.file.byteCount + backing.file.byteCount)
    let key = ContentKey(
      "preparation 1",
      inputs.map(\.sha256) + [
        settings.latency.map { "\($0)" } ?? "", "\(settings.denoise)", "\(settings.debleed)",
        "\(settings.tune)", settings.key ?? "",
      ])
    let job = Job(
      client: client, kind: .preparation, key: key, settings: .preparation(settings),
      inputs: inputs, name: DisplayName.stem(of: vocal.name),
      audioSeconds: inputs.compactMap(\.durationSeconds).max() ?? 240, createdAt: Date())
    return try await resources.queue.submit(job, files: [vocal.file, backing.file])
  }

  private static func settings(
    _ values: [String: String]
  ) throws(ServiceError) -> PreparationSettings {
    var fields = RequestFields(values)
    var settings = PreparationSettings()
    settings.latency = try fields.number("latency", in: -60_000...60_000)
    if let value = try fields.number("denoise", in: 0...40) { settings.denoise = value }
    if let value = try fields.number("debleed", in: 0...40) { settings.debleed = value }
    if let value = try fields.number("tune", in: 0...1) { settings.tune = value }
    settings.key = fields.take("key")
    try fields.finish()
    _ = try settings.options()
    return settings
  }
}
