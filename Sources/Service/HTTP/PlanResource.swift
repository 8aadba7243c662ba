// SPDX-License-Identifier: MIT
import AutoMix
import Foundation
import Hummingbird
import MixCore
import Tonmeister

/// `POST /v1/plans`: how a machine, or a listener, would mix the stems of a job.
struct PlanResource: Sendable {
  let resources: Resources

  func register(in routes: RouteTable) {
    routes.post("/v1/plans") { request, context in
      let document = try await DocumentRequest(
        try await JSONBody.read(request, state: context.body, limits: resources.limits),
        members: ["job", "advice", "genre", "listener", "plan"])
      let job = try await resources.queue.job(
        try document.requiredText("job"), of: context.client)
      let plan = try await propose(document, job, client: context.client)
      return .json(text: plan.text)
    }
  }

  private func propose(
    _ request: DocumentRequest, _ job: Job, client: ClientID
  ) async throws(ServiceError) -> MixPlan {
    let (job, result) = try await resources.finished(job)
    guard !result.stems.isEmpty else {
      throw ServiceError(.conflict, "The job has no stems; name one that separates or prepares.")
    }
    let given = try request.plan()
    let start = given ?? Self.emptyPlan(job.kind, result)
    let folder = resources.folder.result(folder: job.key)
    let session = try MixSession(plan: start, stems: result.stems, in: folder)
    let genreName = try request.word("genre", among: Genre.allCases.map(\.rawValue))
    let genre = genreName.flatMap { Genre(rawValue: $0) }
    let words = try request.words("advice") ?? ["all"]
    let advice = try Self.advice(words, all: Advice.standard, isWanted: job.kind != .preparation)
    let vocalAdvice = try Self.advice(
      words, all: VocalAdvice.allCases, isWanted: job.kind == .preparation)
    let listener = try listener(try request.text("listener"), of: client)

    let files = zip(start.tracks, session.paths).map { (name: $0.name, path: $1) }
    let whole = try MeasurementResource.song(result)
    let song = try await resources.songs.song(
      ContentKey("song", [job.key.description] + files.map(\.name)), files: files,
      song: folder.appending(path: whole.file).path)
    guard job.kind != .preparation else {
      let plan = try await Self.vocalPlan(start, song, files, vocalAdvice)
      // A network knows faders of songs, which say nothing of a take over its backing.
      guard let listener, listener.learner != .network else { return plan }
      return listener.advise(plan, for: song.features, role: StemKind.role)
    }
    let traces = job.kind == .separation ? song.stems.traces : []
    let (set, stems) = song.stems.setting(traces, asideIn: start)
    let plan = advice.reduce(set) { plan, item in
      let advisor: any Advisor = item == .genre ? GenreAdvisor(genre) : item.advisor
      return advisor.advise(plan, for: stems)
    }
    guard let listener else { return plan }
    return listener.advise(plan, for: song.features, role: StemKind.role)
      .with(traces, asIn: plan)
  }

  private static func emptyPlan(_ kind: JobKind, _ result: JobResult) -> MixPlan {
    let names = result.stems.map(\.name)
    guard kind == .preparation else { return MixPlan(trackNames: names) }
    var plan = MixPlan()
    plan.tracks = names.map { Track(name: $0) }
    return plan
  }

  private static func vocalPlan(
    _ start: MixPlan, _ song: AnalysedSongs.Song, _ files: [(name: String, path: String)],
    _ advice: [VocalAdvice]
  ) async throws(ServiceError) -> MixPlan {
    var sources: [String: StemSources.Source] = [:]
    for file in files { sources[file.name] = .file(path: file.path) }
    let mix = VocalMix(song: song.stems, sources: StemSources(sources))
    do throws(AutoMixError) {
      return try await mix.planning(start, advice: advice)
    } catch { throw ServiceError(error) }
  }

  private static func advice<Item: RawRepresentable<String>>(
    _ words: [String], all: [Item], isWanted: Bool
  ) throws(ServiceError) -> [Item] {
    guard isWanted else { return [] }
    if words == ["all"] { return all }
    var items: [Item] = []
    for word in words {
      guard let item = Item(rawValue: word), all.contains(where: { $0.rawValue == word }) else {
        throw ServiceError(
          .invalid,
          "advice: “\(DisplayName.clean(word))” is none of all, "
            + all.map(\.rawValue).joined(separator: ", ") + ".")
      }
      items.append(item)
    }
    return items
  }

  private func listener(
    _ name: String?, of client: ClientID
  ) throws(ServiceError) -> Listener? {
    guard let name else { return nil }
    do throws(ListenerStoreError) {
      return try ListenerStore(folder: resources.folder.listeners(of: client))
        .listener(named: name)
    } catch { throw ServiceError(error) }
  }
}
