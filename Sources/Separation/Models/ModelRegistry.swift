// SPDX-License-Identifier: MIT
public import Foundation

/// Knows the models that can be used: those in a folder, those that were fetched, the embedded one.
public struct ModelRegistry: Sendable {
  /// A folder of `*.safetensors`, `*.th` and `*.yaml` files, each a model named after its file.
  public let repository: URL?
  /// The models that were fetched.
  public let installed: InstalledModels

  /// Looks for models in `repository`, then among the fetched and the embedded ones.
  public init(repository: URL? = nil, installed: InstalledModels = InstalledModels()) {
    self.repository = repository
    self.installed = installed
  }

  /// All models, those of the repository first, by name.
  ///
  /// Files that hold no model are left out.
  ///
  /// - Throws: A ``SeparationError`` when the repository cannot be read.
  public func models() throws(SeparationError) -> [ModelDescription] {
    var models: [ModelDescription] = []
    if let repository {
      let folder = ModelFolder(repository)
      for name in try folder.names() {
        if let model = try? folder.description(of: ModelName(rawValue: name)) {
          models.append(model)
        }
      }
    }
    for name in installed.names() where !models.contains(where: { $0.name == name }) {
      if let model = try? installed.description(of: name) { models.append(model) }
    }
    if !models.contains(where: { $0.name == .lite }) { models.append(Self.embedded()) }
    return models
  }

  /// The model of that name.
  ///
  /// - Throws: `unknownModel` when there is none, `malformed` when its file is damaged.
  public func model(named name: ModelName) throws(SeparationError) -> ModelDescription {
    if let repository, let model = try ModelFolder(repository).description(of: name) {
      return model
    }
    if let model = try installed.description(of: name) { return model }
    if name == .lite {
      guard let file = EmbeddedModel.lite else {
        throw SeparationError(
          code: .unknownModel,
          message: "The embedded model “lite” is missing; keep the folder "
            + "\(ProgramResources.bundleName(of: EmbeddedModel.target)) beside the program.")
      }
      return try ModelDescription(checkpoint: file, name: name)
    }
    let known = try models().map(\.name.rawValue).joined(separator: ", ")
    throw SeparationError(
      code: .unknownModel,
      message: "There is no model “\(name)”; choose one of: \(known), or name the folder of "
        + "its .safetensors or .th file with --repo.")
  }

  private static func embedded() -> ModelDescription {
    if let file = EmbeddedModel.lite,
      let model = try? ModelDescription(checkpoint: file, name: .lite)
    {
      return model
    }
    return ModelDescription(
      name: .lite, stems: ["drums", "bass", "other", "vocals"], sizeInBytes: 0,
      licence: "unknown", file: nil)
  }
}
