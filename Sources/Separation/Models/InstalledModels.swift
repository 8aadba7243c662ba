// SPDX-License-Identifier: MIT
public import Foundation

/// The models that were fetched, each in a folder of its own that appears when it is complete.
///
/// `NAME/NAME.yaml` is a bag as Demucs publishes it; its checkpoints lie beside it.
public struct InstalledModels: Sendable {
  /// The folder of all models.
  public let folder: URL

  /// The models in `folder`, which need not exist.
  public init(folder: URL = Self.standardFolder) { self.folder = folder }

  /// `$XDG_CACHE_HOME/tonmeister/models`, by default `~/.cache/tonmeister/models`.
  public static var standardFolder: URL { StandardFolders.cache.appending(path: "models") }

  /// The folder of a model, whether or not it is there.
  ///
  /// - Returns: `nil` where the name is not one that a folder can have.
  public func folder(of name: ModelName) -> URL? {
    guard CheckpointMetadata.isPlainName(name.rawValue) else { return nil }
    return folder.appending(path: name.rawValue)
  }

  /// The names of the models, sorted.
  public func names() -> [ModelName] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().map { ModelName(rawValue: $0) }.filter { bag(of: $0) != nil }
  }

  /// The model of that name, `nil` where it is not installed.
  ///
  /// - Throws: `malformed` when its files are damaged.
  public func description(of name: ModelName) throws(SeparationError) -> ModelDescription? {
    guard let bag = bag(of: name) else { return nil }
    let folder = bag.deletingLastPathComponent()
    guard var model = try ModelFolder(folder).description(of: name) else { return nil }
    if let manifest = ModelManifest(in: folder) { model.licence = manifest.licence }
    return model
  }

  /// The file that makes a folder a model.
  private func bag(of name: ModelName) -> URL? {
    guard let file = folder(of: name)?.appending(path: "\(name).yaml"),
      FileManager.default.fileExists(atPath: file.path)
    else { return nil }
    return file
  }
}
