// SPDX-License-Identifier: MIT
import Foundation
import Separation
import Testing

@testable import Service

@Suite struct ModelShelfTests {
  @Test func aModelThatWasReplacedIsReadAnew() async throws {
    let folder = TemporaryFolder()
    let lite = try #require(try ModelRegistry().model(named: .lite).file)
    let file = folder.url.appending(path: "mine.safetensors")
    try FileManager.default.copyItem(at: lite, to: file)
    let shelf = ModelShelf(repository: folder.url, threads: 1)
    let settings = SeparationSettings(model: "mine")
    let before = try await shelf.separator(for: settings).model.revision
    #expect(try await shelf.separator(for: settings).model.revision == before)
    try Data("no model".utf8).write(to: file)
    await #expect(throws: ServiceError.self) { try await shelf.separator(for: settings) }
    try FileManager.default.removeItem(at: file)
    try FileManager.default.copyItem(at: lite, to: file)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1_000_000_000)], ofItemAtPath: file.path)
    #expect(try await shelf.separator(for: settings).model.revision != before)
  }
}
