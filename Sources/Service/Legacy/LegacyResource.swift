// SPDX-License-Identifier: MIT
import Foundation
import HTTPTypes
import Hummingbird
import MixCore

/// The older, simple interface: one song at a time, one slider for each stem.
///
/// `POST /start_separation`, `GET /separation_progress`, `POST /mix` and `GET /mixed_outputs/NAME`, as existing
/// front ends ask; the song is the one that the client sent last.
struct LegacyResource: Sendable {
  let resources: Resources

  private struct Started: Encodable {
    let session_id: String
    let status: String
  }

  private struct Progress: Encodable {
    let progress: Double
    let status: String
    var error: String?
  }

  private struct Mixed: Encodable {
    let path: String
  }

  func register(in routes: RouteTable) {
    routes.post("/start_separation") { request, context in
      var fields = try RequestFields(query: request)
      let standing = try await SeparationResource(resources: resources)
        .submit(request, context, &fields)
      return .json(Started(session_id: standing.job.id.description, status: "processing"))
    }
    routes.get("/separation_progress") { _, context in
      .json(try await progress(of: context.client))
    }
    routes.post("/mix") { request, context in
      let gains = try await LegacyGains.read(
        request, state: context.body, limits: resources.limits)
      return .json(Mixed(path: try await mix(gains, client: context.client)))
    }
    routes.get("/mixed_outputs/:name") { request, context in
      let name = context.parameters.get("name") ?? ""
      guard name.hasPrefix(Self.prefix), name.hasSuffix(".wav") else {
        throw ServiceError(.notFound, "There is no such mix; ask for one with POST /mix.")
      }
      let job = try await resources.queue.job(
        String(name.dropFirst(Self.prefix.count).dropLast(4)), of: context.client)
      let (mixed, result) = try await resources.finished(job)
      return try await AudioResource(resources: resources)
        .mix(of: mixed, result, request, context)
    }
  }

  private static let prefix = "final_mix_"

  private func progress(of client: ClientID) async throws(ServiceError) -> Progress {
    guard let job = try await resources.queue.store.newest(.separation, of: client) else {
      return Progress(progress: 0, status: "idle")
    }
    switch job.state {
    case .succeeded: return Progress(progress: 1, status: "completed")
    case .failed: return Progress(progress: 0, status: "error", error: job.failure?.message)
    default:
      // 1 means that the stems are there.
      return Progress(progress: min(job.progress, 0.99), status: "processing")
    }
  }

  /// Mixes the newest song and waits for it.
  private func mix(
    _ gains: [String: Double], client: ClientID
  ) async throws(ServiceError) -> String {
    guard let newest = try await resources.queue.store.newest(.separation, of: client) else {
      throw ServiceError(.notFound, "There is no song; send one with POST /start_separation.")
    }
    let (song, result) = try await resources.finished(newest)
    var plan = MixPlan()
    plan.tracks = result.stems.map { Track(name: $0.name) }
    for (stem, gain) in gains.sorted(by: { $0.key < $1.key }) {
      guard let index = plan.tracks.firstIndex(where: { $0.name == stem }) else {
        throw ServiceError(.invalid, "\(DisplayName.clean(stem)): the song has no such stem.")
      }
      plan.tracks[index].gainDB = Track.gain.clamp(gain)
    }
    let settings = MixSettings(
      job: song.id.description, plan: plan.text, format: "wav", encoding: "int16",
      normalize: "peak")
    let standing = try await MixResource(resources: resources)
      .submit(settings, plan, song, client: client)
    let mix = try await resources.queue.finished(standing.job.id)
    return "/mixed_outputs/\(Self.prefix)\(mix.id).wav"
  }
}
