// SPDX-License-Identifier: MIT
public import Foundation
import Separation

/// Fetches a model from the hub or, where that fails, from the older site.
///
/// What has arrived outlives an interruption. The model's folder appears when all its files are
/// complete, checked and on the disk.
public struct ModelPull: Sendable {
  /// Where the model is kept.
  public let storage: ModelStorage
  /// Where it is fetched from.
  public let source: ModelSource
  /// How patient its downloads are.
  public let policy: TransferPolicy
  let report: @Sendable (PullEvent) -> Void

  /// No checkpoint is larger.
  static let maximumByteCount = 1 << 30

  /// - Parameter report: Called by threads of the download, one at a time.
  public init(
    storage: ModelStorage = ModelStorage(), source: ModelSource = .standard,
    policy: TransferPolicy = TransferPolicy(),
    report: @escaping @Sendable (PullEvent) -> Void = { _ in }
  ) {
    self.storage = storage
    self.source = source
    self.policy = policy
    self.report = report
  }

  /// Fetches `model`, whose licence has to be accepted; does nothing where it is installed.
  ///
  /// - Returns: Its folder.
  @discardableResult
  public func run(_ model: CatalogueModel) async throws(ModelStoreError) -> URL {
    let lock = try await storage.lock(model.name) { report(.waiting) }
    defer { withExtendedLifetime(lock) {} }
    if let folder = try? storage.folder(of: model.name) { return folder }
    let stage = storage.stage(of: model.name)
    try storage.makeFolder(stage)
    var staging = Staging(model: model, folder: stage)
    do throws(ModelStoreError) {
      try await fetchFromHub(model, into: &staging)
    } catch {
      guard let archive = source.archive, error.code == .network || error.code == .server else {
        throw error
      }
      report(.note("\(error.reason); asking \(archive.host ?? "the older site") instead."))
      try await fetchFromArchive(model, at: archive, instead: error, into: &staging)
    }
    do throws(ModelStoreError) {
      try staging.finish()
    } catch {
      // Nothing of it can be gone on with.
      if error.code == .damaged { try storage.discard(stage) }
      throw error
    }
    try storage.install(model.name)
    return storage.place(of: model.name)
  }

  private func fetchFromHub(
    _ model: CatalogueModel, into staging: inout Staging
  ) async throws(ModelStoreError) {
    let bagName = "\(model.name).yaml"
    // Small, and without a digest: fetched anew each time.
    try staging.remove(bagName)
    let bag = try await download(
      source.file(bagName, of: model), as: bagName, maximumByteCount: ModelBag.maximumByteCount,
      folder: staging.folder, number: 1, fileCount: 1 + model.checkpoints.count)
    let names = try staging.begin(bag: bag)
    for (index, name) in names.enumerated() {
      let fileName = "\(name).safetensors"
      if staging.has(fileName) { continue }
      try staging.add(
        try await download(
          source.file(fileName, of: model), as: fileName,
          maximumByteCount: Self.maximumByteCount, folder: staging.folder, number: 2 + index,
          fileCount: 1 + names.count))
    }
  }

  /// The older site has checkpoints only.
  private func fetchFromArchive(
    _ model: CatalogueModel, at archive: URL, instead failure: ModelStoreError,
    into staging: inout Staging
  ) async throws(ModelStoreError) {
    let bagName = "\(model.name).yaml"
    try staging.remove(bagName)
    _ = try staging.begin(bag: staging.write(model.bag, as: bagName))
    for (index, checkpoint) in model.checkpoints.enumerated() {
      let fileName = "\(checkpoint.signature).th"
      if staging.has(fileName) { continue }
      do throws(ModelStoreError) {
        try staging.add(
          try await download(
            archive.appending(path: checkpoint.archivedName), as: fileName,
            maximumByteCount: Self.maximumByteCount, checksum: checkpoint.checksum,
            folder: staging.folder, number: 1 + index, fileCount: model.checkpoints.count))
      } catch {
        // Where neither answers, the trouble with the hub is the one to mend.
        throw error.code == .network || error.code == .server ? failure : error
      }
    }
  }

  private func download(
    _ url: URL, as name: String, maximumByteCount: Int, checksum: String? = nil,
    folder: URL, number: Int, fileCount: Int
  ) async throws(ModelStoreError) -> ModelManifest.File {
    let report = report
    return try await Download(
      source: url, destination: folder.appending(path: name),
      maximumByteCount: maximumByteCount, checksum: checksum, policy: policy,
      report: { done, total in
        report(
          .progress(
            PullProgress(
              file: name, number: number, fileCount: fileCount, bytesDone: done, bytesTotal: total))
        )
      },
      note: { report(.note($0)) }
    ).run()
  }
}
