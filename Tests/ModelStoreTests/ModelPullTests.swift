// SPDX-License-Identifier: MIT
import Foundation
import LoopbackServer
import Separation
import Testing

@testable import ModelStore

@Suite struct ModelPullTests {
  private let model: CatalogueModel
  private let fineTuned: CatalogueModel

  init() throws {
    model = try #require(ModelCatalogue.model(named: "htdemucs"))
    fineTuned = try #require(ModelCatalogue.model(named: "htdemucs_ft"))
  }

  /// The files of a model as the hub has them, its checkpoints of different stems' sizes.
  private func files(of model: CatalogueModel) throws -> [String: [UInt8]] {
    var files = ["\(model.name).yaml": Array(model.bag.utf8)]
    for (index, checkpoint) in model.checkpoints.enumerated() {
      files["\(checkpoint.signature).safetensors"] = try ModelStoreTests.checkpoint(
        padding: 100_000 + index)
    }
    return files
  }

  private func pull(
    _ model: CatalogueModel, to folder: Folder, from source: ModelSource,
    policy: TransferPolicy = .hasty, report: @escaping @Sendable (PullEvent) -> Void = { _ in }
  ) async throws(ModelStoreError) -> URL {
    try await ModelPull(
      storage: storage(folder), source: source, policy: policy, report: report
    ).run(model)
  }

  private func storage(_ folder: Folder) -> ModelStorage {
    ModelStorage(InstalledModels(folder: folder.url))
  }

  @Test func aFetchedModelIsThereForTheSeparator() async throws {
    let folder = try Folder()
    let hub = try Hub(try files(of: model))
    #expect(storage(folder).models.names().isEmpty)
    let place = try await pull(model, to: folder, from: hub.source)
    #expect(place.path == folder.file("htdemucs").path)
    #expect(
      folder.contents() == [
        "htdemucs", "htdemucs/955717e8.safetensors", "htdemucs/htdemucs.yaml",
        "htdemucs/manifest.json",
      ])
    #expect(
      hub.paths == [
        "/adefossez/HTDemucs/resolve/main/htdemucs.yaml",
        "/adefossez/HTDemucs/resolve/main/955717e8.safetensors", "/store/955717e8.safetensors",
      ])
    let registry = ModelRegistry(installed: storage(folder).models)
    let description = try registry.model(named: "htdemucs")
    #expect(description.stems == ["drums", "bass", "other", "vocals"])
    #expect(description.licence == "for scientific purposes only")
    #expect(description.file?.lastPathComponent == "955717e8.safetensors")
    #expect(try registry.models().map(\.name) == ["htdemucs", .lite])

    // Nothing is asked for again.
    _ = try await pull(model, to: folder, from: hub.source)
    #expect(hub.paths.count == 3)
  }

  @Test func everyModelOfTheCatalogueCanBeFetched() async throws {
    for model in ModelCatalogue.models {
      let folder = try Folder()
      let hub = try Hub(try files(of: model))
      _ = try await pull(model, to: folder, from: hub.source)
      #expect(storage(folder).models.names() == [model.name])
      let bag = try ModelBag(path: folder.file("\(model.name)/\(model.name).yaml").path)
      #expect(bag.models == model.checkpoints.map(\.signature))
      #expect(try storage(folder).verify(model.name).count == 1 + model.checkpoints.count)
    }
  }

  @Test func aCompleteFileIsNotFetchedAgainAfterAnInterruption() async throws {
    let folder = try Folder()
    let isBroken = Counter()
    let hub = try Hub(try files(of: fineTuned)) { request, answer in
      guard request.path.hasSuffix("/store/92cfc3b6.safetensors"), isBroken.next() == 0 else {
        return answer
      }
      var answer = answer
      answer.cutAfter = 40_000
      return answer
    }
    let error = await #expect(throws: ModelStoreError.self) {
      try await pull(fineTuned, to: folder, from: hub.source, policy: .impatient)
    }
    #expect(error?.code == .network)
    #expect(storage(folder).models.names().isEmpty)
    _ = try await pull(fineTuned, to: folder, from: hub.source, policy: .impatient)
    let asked = hub.server.requests.filter { $0.path.hasPrefix("/store") }
    #expect(
      asked.map { $0.path.dropFirst(7).prefix(8) } == [
        "f7e0c4bc", "d12395a8", "92cfc3b6", "92cfc3b6", "04573f0d",
      ])
    #expect(asked.map(\.rangeStart) == [nil, nil, nil, 40_000, nil])
    #expect(try storage(folder).verify(fineTuned.name).allSatisfy { $0.status == .intact })
  }

  @Test func twoPullsAtOnceFetchAModelOnce() async throws {
    let folder = try Folder()
    let hub = try Hub(try files(of: model)) { _, answer in
      var answer = answer
      answer.pause = 0.02
      return answer
    }
    let waiting = Counter()
    let source = hub.source
    async let first = pull(model, to: folder, from: source) {
      if $0 == .waiting { waiting.next() }
    }
    async let second = pull(model, to: folder, from: source) {
      if $0 == .waiting { waiting.next() }
    }
    let places = try await [first, second]
    #expect(places[0] == places[1])
    #expect(waiting.count == 1)
    #expect(hub.paths.count == 3)
    #expect(try storage(folder).verify("htdemucs").allSatisfy { $0.status == .intact })
  }

  // MARK: - The older site

  /// A small network as Demucs itself wrote it.
  private static let archived = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../SeparationTests/Fixtures/checkpoints/955717e8-c671ce94.th")
    .standardizedFileURL

  private func archivedModel(checksum: String) -> CatalogueModel {
    CatalogueModel(
      name: "htdemucs", stems: model.stems, sizeInBytes: 40_000, licence: .demucsWeights,
      repository: model.repository,
      checkpoints: [.init(signature: "955717e8", checksum: checksum)], bagLines: [])
  }

  @Test func theOlderSiteIsAskedWhereTheHubFails() async throws {
    let folder = try Folder()
    let bytes = [UInt8](try Data(contentsOf: Self.archived))
    let server = try LoopbackServer { request in
      request.path == "/old/955717e8-c671ce94.th" ? .file(bytes, for: request) : .init(404)
    }
    let source = ModelSource(hub: server.url("/hub"), archive: server.url("/old"))
    let notes = Counter()
    _ = try await pull(archivedModel(checksum: "c671ce94"), to: folder, from: source) {
      if case .note = $0 { notes.next() }
    }
    #expect(notes.count == 1)
    #expect(
      folder.contents() == [
        "htdemucs", "htdemucs/955717e8.th", "htdemucs/htdemucs.yaml", "htdemucs/manifest.json",
      ])
    let description = try #require(try storage(folder).models.description(of: "htdemucs"))
    #expect(description.stems == model.stems)
    #expect(try storage(folder).verify("htdemucs").allSatisfy { $0.status == .intact })
  }

  @Test func aCheckpointOfTheOlderSiteMustHaveTheDigitsOfItsName() async throws {
    let folder = try Folder()
    let bytes = [UInt8](try Data(contentsOf: Self.archived))
    let server = try LoopbackServer { request in
      request.path.hasSuffix(".th") ? .file(bytes, for: request) : .init(404)
    }
    let source = ModelSource(hub: server.url("/hub"), archive: server.url("/old"))
    let error = await #expect(throws: ModelStoreError.self) {
      try await pull(archivedModel(checksum: "8726e21a"), to: folder, from: source)
    }
    #expect(error?.code == .damaged)
    #expect(storage(folder).models.names().isEmpty)
  }

  @Test func whereNeitherAnswersTheHubIsBlamed() async throws {
    let folder = try Folder()
    let server = try LoopbackServer { _ in .init(404) }
    let source = ModelSource(hub: server.url("/hub"), archive: server.url("/old"))
    let error = await #expect(throws: ModelStoreError.self) {
      try await pull(model, to: folder, from: source)
    }
    #expect(error?.message.contains("/hub/adefossez") == true)
  }

  // MARK: - What is no model

  @Test func whatIsNoModelIsNotInstalled() async throws {
    let folder = try Folder()
    var files = try files(of: model)
    files["955717e8.safetensors"] = noise(50_000)
    let hub = try Hub(files)
    let error = await #expect(throws: ModelStoreError.self) {
      try await pull(model, to: folder, from: hub.source)
    }
    #expect(error?.code == .damaged)
    #expect(folder.contents().isEmpty)
  }

  @Test(arguments: ["models: ['../x']", "<html>", "models: []"])
  func aBagThatIsNoneIsNotInstalled(text: String) async throws {
    let folder = try Folder()
    var files = try files(of: model)
    files["htdemucs.yaml"] = Array(text.utf8)
    let hub = try Hub(files)
    let error = await #expect(throws: ModelStoreError.self) {
      try await pull(model, to: folder, from: hub.source)
    }
    #expect(error?.code == .damaged)
    #expect(storage(folder).models.names().isEmpty)
  }

  // MARK: - Verification and removal

  @Test func changedAndMissingFilesAreFound() async throws {
    let folder = try Folder()
    let hub = try Hub(try files(of: fineTuned))
    let place = try await pull(fineTuned, to: folder, from: hub.source)
    let file = place.appending(path: "d12395a8.safetensors")
    var data = try Data(contentsOf: file)
    data[data.count - 1] ^= 1
    try data.write(to: file)
    try FileManager.default.removeItem(at: place.appending(path: "92cfc3b6.safetensors"))
    #expect(
      try storage(folder).verify("htdemucs_ft").map(\.status) == [
        .intact, .intact, .damaged, .missing, .intact,
      ])
  }

  @Test func aRemovedModelIsGone() async throws {
    let folder = try Folder()
    let hub = try Hub(try files(of: model))
    let storage = storage(folder)
    _ = try await pull(model, to: folder, from: hub.source)
    try await storage.remove("htdemucs")
    #expect(folder.contents().isEmpty)
    for name in ["htdemucs", "../x", "nonsense"] as [ModelName] {
      let error = await #expect(throws: ModelStoreError.self) { try await storage.remove(name) }
      #expect(error?.code == .notInstalled)
      #expect(throws: ModelStoreError.self) { try storage.folder(of: name) }
      #expect(throws: ModelStoreError.self) { try storage.verify(name) }
    }
  }

  @Test func anAcceptedLicenceIsRemembered() throws {
    let folder = try Folder()
    let accepted = AcceptedLicences(file: folder.file("state/licences.json"))
    #expect(!accepted.contains(.demucsWeights))
    try accepted.insert(.demucsWeights, date: Date(timeIntervalSince1970: 0))
    #expect(accepted.contains(.demucsWeights))
    #expect(
      try String(contentsOf: accepted.file, encoding: .utf8).contains("1970-01-01T00:00:00Z"))
  }
}
