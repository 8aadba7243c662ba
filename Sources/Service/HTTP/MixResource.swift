// SPDX-License-Identifier: MIT
import Foundation
import Hummingbird
import MixCore
import Mixdown

/// `POST /v1/mixes`: a job and a plan in, a job that mixes out.
struct MixResource: Sendable {
  let resources: Resources

  func register(in routes: RouteTable) {
    routes.post("/v1/mixes") { request, context in
      let document = try await DocumentRequest(
        try await JSONBody.read(request, state: context.body, limits: resources.limits),
        members: ["job", "plan", "format", "encoding", "normalize"])
      let source = try await resources.queue.job(
        try document.requiredText("job"), of: context.client)
      guard let plan = try document.plan() else {
        throw ServiceError(.invalid, "plan: is missing; ask for one with POST /v1/plans.")
      }
      guard plan.text.utf8.count <= resources.limits.planBytes else {
        throw ServiceError(
          .tooLarge,
          "plan: is longer than \(resources.limits.planBytes) bytes, the most that is kept.")
      }
      var settings = MixSettings(job: source.id.description, plan: plan.text)
      settings.format = try document.word("format", among: DeliveryFormat.formats) ?? "wav"
      settings.encoding =
        try document.word("encoding", among: DeliveryFormat.encodings) ?? "int16"
      settings.normalize =
        try document.word("normalize", among: Mixer.Normalization.allCases.map(\.rawValue))
        ?? "loudness"
      return resources.accepted(try await submit(settings, plan, source, client: context.client))
    }
  }

  /// Makes a job of a plan for the stems of another.
  func submit(
    _ settings: MixSettings, _ plan: MixPlan, _ source: Job, client: ClientID
  ) async throws(ServiceError) -> JobQueue.Standing {
    let (source, result) = try await resources.finished(source)
    guard !result.stems.isEmpty else {
      throw ServiceError(.conflict, "The job has no stems; name one that separates or prepares.")
    }
    let folder = resources.folder.result(folder: source.key)
    let session = try MixSession(plan: plan, stems: result.stems, in: folder)
    do throws(MixdownError) {
      _ = try Mixer(plan: plan, stemPaths: session.paths)
    } catch { throw ServiceError(error) }
    let format = try DeliveryFormat(format: settings.format, encoding: settings.encoding)
    let key = ContentKey(
      "mix 1",
      [source.key.description, result.revision, plan.text, format.token, settings.normalize])
    let seconds = result.stems.map { Double($0.frameCount) / Double($0.sampleRate) }.max() ?? 0
    let job = Job(
      client: client, kind: .mix, key: key, sourceKey: source.key, settings: .mix(settings),
      inputs: [], name: source.name, audioSeconds: seconds, createdAt: Date())
    return try await resources.queue.submit(job)
  }
}
