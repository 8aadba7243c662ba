// SPDX-License-Identifier: MIT
public import Foundation

/// Knows the models that can be used: the embedded one and those in a folder.
public struct ModelRegistry: Sendable {
  /// A folder of `*.safetensors` and `*.th` files, each a model named after its file.
  public let repository: URL?

  /// Looks for models in `repository`, then among the embedded ones.
  public init(repository: URL? = nil) { self.repository = repository }

  /// All models, those of the repository first, by name.
  ///
  /// Files of the repository that hold no model are left out.
  ///
  /// - Throws: A ``SeparationError`` when the repository cannot be read.
  public func models() throws(SeparationError) -> [ModelDescription] {
    var models: [ModelDescription] = []
    for file in try checkpoints() {
      if let model = try? ModelDescription(checkpoint: file) { models.append(model) }
    }
    if !models.contains(where: { $0.name == .lite }) { models.append(Self.embedded()) }
    return models
  }

  /// The model of that name.
  ///
  /// - Throws: `unknownModel` when there is none, `malformed` when its file is damaged.
  public func model(named name: ModelName) throws(SeparationError) -> ModelDescription {
    let files = try checkpoints()
    if let file = files.first(where: { CheckpointFileName(path: $0.path).model == name.rawValue }) {
      return try ModelDescription(checkpoint: file)
    }
    if name == .lite {
      guard let file = EmbeddedModel.lite else {
        throw SeparationError(
          code: .unknownModel,
          message: "The embedded model “lite” is missing; keep the folder "
            + "\(EmbeddedModel.bundleName) beside the program.")
      }
      return try ModelDescription(checkpoint: file)
    }
    let known = try models().map(\.name.rawValue).joined(separator: ", ")
    throw SeparationError(
      code: .unknownModel,
      message: "There is no model “\(name)”; choose one of: \(known), or name the folder of "
        + "its .safetensors or .th file with --repo.")
  }

  private func checkpoints() throws(SeparationError) -> [URL] {
    guard let repository else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(
        at: repository, includingPropertiesForKeys: nil
      )
      .filter { ["safetensors", "th"].contains($0.pathExtension) }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
    } catch {
      throw SeparationError(
        code: .invalidOption,
        message: "\(repository.path): the folder of models cannot be read; name a folder that "
          + "holds .safetensors or .th files.")
    }
  }

  private static func embedded() -> ModelDescription {
    if let file = EmbeddedModel.lite, let model = try? ModelDescription(checkpoint: file) {
      return model
    }
    return ModelDescription(
      name: .lite, stems: ["drums", "bass", "other", "vocals"], sizeInBytes: 0,
      licence: "unknown", file: nil)
  }
}
