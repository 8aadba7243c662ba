// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Separation

@Suite struct ModelRegistryTests {
  private func checkpoint(_ metadata: [String: String]) throws -> Data {
    let header = try JSONEncoder().encode(["__metadata__": metadata])
    var length = UInt64(header.count).littleEndian
    return Data(bytes: &length, count: 8) + header
  }

  @Test func modelsOfAFolderAreListedByName() throws {
    let folder = try TemporaryFolder()
    try checkpoint([
      "klass": "PassThrough", "kwargs": #"{"sources": ["left", "right"]}"#, "segment": "4096",
      "licence": "CC0-1.0",
    ]).write(to: folder.url.appending(path: "through.safetensors"))
    try Data("text".utf8).write(to: folder.url.appending(path: "damaged.safetensors"))
    let registry = ModelRegistry(
      repository: folder.url, installed: InstalledModels(folder: folder.url.appending(path: "none"))
    )
    let models = try registry.models()
    #expect(models.map(\.name) == ["through", .lite])
    #expect(models[0].stems == ["left", "right"])
    #expect(models[0].licence == "CC0-1.0")
    #expect(models[0].isInstalled)

    let separator = try Separator(model: "through", repository: folder.url)
    #expect(separator.stems == ["left", "right"])
    let error = #expect(throws: SeparationError.self) {
      try Separator(model: "damaged", repository: folder.url)
    }
    #expect(error?.message.contains("damaged.safetensors") == true)
  }

  @Test func anUnknownModelNamesThoseThatThereAre() {
    let error = #expect(throws: SeparationError.self) { try Separator(model: "nonsense") }
    #expect(error?.code == .unknownModel)
    #expect(error?.message.contains("lite") == true)
  }

  @Test func theEmbeddedModelIsThere() throws {
    let model = try ModelRegistry().model(named: .lite)
    #expect(model.stems == ["drums", "bass", "other", "vocals"])
    #expect(model.sizeInBytes > 0)
  }

  @Test(arguments: [
    [:], ["klass": "PassThrough", "kwargs": "["],
    ["klass": "PassThrough", "kwargs": #"{"sources": []}"#],
    ["klass": "PassThrough", "kwargs": #"{"sources": ["../x"]}"#],
    ["klass": "PassThrough", "kwargs": #"{"sources": ["a", "a"]}"#],
    ["klass": "PassThrough", "segment": "0"], ["klass": "PassThrough", "segment": "-5"],
    ["klass": "PassThrough", "segment": "9999999999999999999999"],
    ["klass": "PassThrough", "samplerate": "0"],
    ["klass": "os.system", "kwargs": "{}"],
  ])
  func metadataThatMakesNoSenseIsRefused(metadata: [String: String]) throws {
    let folder = try TemporaryFolder()
    try checkpoint(metadata).write(to: folder.url.appending(path: "model.safetensors"))
    let error = #expect(throws: SeparationError.self) {
      try Separator(model: "model", repository: folder.url)
    }
    #expect(error?.code == .malformed || error?.code == .unsupported)
  }

  @Test func aRepositoryThatIsMissingIsNamed() {
    let error = #expect(throws: SeparationError.self) {
      try ModelRegistry(repository: URL(filePath: "/nowhere")).models()
    }
    #expect(error?.message.contains("/nowhere") == true)
  }
}
