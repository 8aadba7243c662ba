// SPDX-License-Identifier: MIT
import Foundation
import Separation

/// The folder in which a model's files are gathered, and the list of those that are complete.
struct Staging {
  let model: CatalogueModel
  let folder: URL
  private var manifest: ModelManifest
  /// The complete files of an earlier attempt.
  private let earlier: [ModelManifest.File]

  init(model: CatalogueModel, folder: URL) {
    self.model = model
    self.folder = folder
    earlier = ModelManifest(in: folder)?.files ?? []
    manifest = ModelManifest(model: model.name.rawValue, licence: model.licence.summary)
  }

  private func path(_ name: String) -> String { folder.appending(path: name).path }

  /// Removes a file and what a download of it has left.
  func remove(_ name: String) throws(ModelStoreError) {
    for name in [name, name + ".partial", name + ".partial.json"]
    where unlink(path(name)) != 0 && errno != ENOENT {
      throw .system(errno, path: path(name))
    }
  }

  /// Starts the list with the bag.
  ///
  /// - Returns: The names of its models.
  mutating func begin(bag file: ModelManifest.File) throws(ModelStoreError) -> [String] {
    do throws(SeparationError) {
      let bag = try ModelBag(path: path(file.name))
      manifest.files = [file]
      return bag.models
    } catch {
      throw ModelStoreError(
        code: .damaged, message: "\(file.source): \(error.message) Name another server with --from."
      )
    }
  }

  /// Whether an earlier attempt has left the complete file; it is then listed.
  mutating func has(_ name: String) -> Bool {
    guard let file = earlier.first(where: { $0.name == name }),
      let size = (try? FileManager.default.attributesOfItem(atPath: path(name)))?[.size] as? Int,
      size == file.sizeInBytes
    else { return false }
    manifest.files.append(file)
    return true
  }

  /// Lists a complete file, so that a later attempt need not fetch it again.
  mutating func add(_ file: ModelManifest.File) throws(ModelStoreError) {
    manifest.files.append(file)
    try save()
  }

  /// Writes a file that the server lacks.
  func write(_ text: String, as name: String) throws(ModelStoreError) -> ModelManifest.File {
    try save(Data(text.utf8), as: name)
    return ModelManifest.File(
      name: name, source: "the catalogue of this program", sizeInBytes: text.utf8.count,
      sha256: try FileDigest.sha256(ofFileAt: path(name)), isVerified: true)
  }

  /// Checks that the files are a model, and removes all others.
  func finish() throws(ModelStoreError) {
    do throws(SeparationError) {
      _ = try ModelFolder(folder).description(of: model.name)
    } catch {
      throw ModelStoreError(
        code: .damaged,
        message: "What was fetched is no model that can be used: \(error.message)")
    }
    try save()
    let known = Set(manifest.files.map(\.name) + [ModelManifest.fileName])
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where !known.contains(name) { try remove(name) }
  }

  private func save() throws(ModelStoreError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(manifest) else { return }
    try save(data, as: ModelManifest.fileName)
  }

  /// Writes a small file to the disk, all or nothing.
  private func save(_ data: Data, as name: String) throws(ModelStoreError) {
    let file = try PartialFile(destination: folder.appending(path: name))
    try file.restart()
    try file.append(data)
    try file.finish()
  }
}
