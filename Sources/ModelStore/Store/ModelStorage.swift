// SPDX-License-Identifier: MIT
public import Foundation
public import Separation

/// The folder of fetched models, and what may be done to it.
///
/// A model is downloaded to `.NAME.partial` and gets its name when all its files are there.
public struct ModelStorage: Sendable {
  /// The models as they are seen by a separator.
  public let models: InstalledModels

  /// The storage of `models`.
  public init(_ models: InstalledModels = InstalledModels()) { self.models = models }

  /// The folder of an installed model.
  ///
  /// - Throws: `notInstalled`.
  public func folder(of name: ModelName) throws(ModelStoreError) -> URL {
    guard let folder = models.folder(of: name), models.names().contains(name) else {
      throw notInstalled(name)
    }
    return folder
  }

  func notInstalled(_ name: ModelName) -> ModelStoreError {
    let remedy =
      ModelCatalogue.model(named: name) == nil
      ? "see “tonmeister models list”" : "fetch it with “tonmeister models pull \(name)”"
    return ModelStoreError(
      code: .notInstalled,
      message: "The model “\(name)” is not installed in \(models.folder.path); \(remedy).")
  }

  // MARK: - Places

  func place(of name: ModelName) -> URL { models.folder.appending(path: name.rawValue) }

  /// Where a model is downloaded to.
  func stage(of name: ModelName) -> URL { models.folder.appending(path: ".\(name).partial") }

  private func lockFile(of name: ModelName) -> URL {
    models.folder.appending(path: ".\(name).lock")
  }

  /// Makes the folder and locks a model.
  func lock(
    _ name: ModelName, waiting: @Sendable () -> Void = {}
  ) async throws(ModelStoreError) -> StoreLock {
    try makeFolder(models.folder)
    return try await StoreLock.take(lockFile(of: name), waiting: waiting)
  }

  func makeFolder(_ folder: URL) throws(ModelStoreError) {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw .system(error.systemNumber, path: folder.path)
    }
  }

  // MARK: - Changes

  /// Removes a model and what a download of it has left.
  ///
  /// - Parameter waiting: Called once where another program is changing the model.
  /// - Throws: `notInstalled` where there is neither.
  public func remove(
    _ name: ModelName, waiting: @Sendable () -> Void = {}
  ) async throws(ModelStoreError) {
    func found() -> [URL] {
      [place(of: name), stage(of: name)]
        .filter { FileManager.default.fileExists(atPath: $0.path) }
    }
    guard models.folder(of: name) != nil, !found().isEmpty else { throw notInstalled(name) }
    let lock = try await lock(name, waiting: waiting)
    defer { withExtendedLifetime(lock) {} }
    // What was a download a moment ago may be a model now, or gone.
    let folders = found()
    guard !folders.isEmpty else { throw notInstalled(name) }
    for folder in folders { try discard(folder) }
  }

  /// Gives the downloaded model its name.
  func install(_ name: ModelName) throws(ModelStoreError) {
    let place = place(of: name)
    if FileManager.default.fileExists(atPath: place.path) { try discard(place) }
    guard rename(stage(of: name).path, place.path) == 0 else {
      throw .system(errno, path: place.path)
    }
    // The name itself should survive a power cut, too; not every file system can do that.
    let descriptor = open(models.folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor >= 0 {
      fsync(descriptor)
      close(descriptor)
    }
  }

  /// Takes a folder away at once, then deletes what is in it.
  func discard(_ folder: URL) throws(ModelStoreError) {
    let doomed = models.folder.appending(path: ".removed-\(folder.lastPathComponent)")
    // Left by a removal that did not come to its end.
    try? FileManager.default.removeItem(at: doomed)
    guard rename(folder.path, doomed.path) == 0 else { throw .system(errno, path: folder.path) }
    do {
      try FileManager.default.removeItem(at: doomed)
    } catch {
      throw .system(error.systemNumber, path: doomed.path)
    }
  }
}
