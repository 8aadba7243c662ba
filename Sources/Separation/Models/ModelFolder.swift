// SPDX-License-Identifier: MIT
package import Foundation

/// A folder of checkpoints and of bags, as `--repo` of Demucs takes it.
///
/// A model is `NAME.safetensors`, PyTorch's `NAME.th` or `NAME-xxxxxxxx.th`, or the bag `NAME.yaml`,
/// whose models are checkpoints of the same folder.
package struct ModelFolder: Sendable {
  package let url: URL

  package init(_ url: URL) { self.url = url }

  /// The names of its models, sorted, whether or not they can be read.
  package func names() throws(SeparationError) -> [String] {
    let names = try files().compactMap(Self.modelName)
    return Set(names).sorted()
  }

  /// The model of that name, `nil` where no file has it.
  package func description(of name: ModelName) throws(SeparationError) -> ModelDescription? {
    let files = try files().filter { Self.modelName($0) == name.rawValue }
    if let checkpoint = files.first(where: { $0.pathExtension != "yaml" }) {
      return try ModelDescription(checkpoint: checkpoint, name: name)
    }
    guard let file = files.first else { return nil }
    let bag = try ModelBag(path: file.path)
    var checkpoints: [URL] = []
    for model in bag.models { checkpoints.append(try checkpoint(of: model, in: file)) }
    return try ModelDescription(bag: bag, file: file, checkpoints: checkpoints, name: name)
  }

  private func checkpoint(of model: String, in bag: URL) throws(SeparationError) -> URL {
    let file = try files().first { $0.pathExtension != "yaml" && Self.modelName($0) == model }
    guard let file else {
      throw SeparationError(
        code: .malformed,
        message: "\(bag.path): its model \(model) is not beside it; add \(model).safetensors.")
    }
    return file
  }

  /// The files of models, safetensors before those of PyTorch.
  private func files() throws(SeparationError) -> [URL] {
    do {
      return try FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
        .filter { ["safetensors", "th", "yaml"].contains($0.pathExtension) }
        .sorted {
          ($0.pathExtension, $0.lastPathComponent) < ($1.pathExtension, $1.lastPathComponent)
        }
    } catch {
      throw SeparationError(
        code: .invalidOption,
        message: "\(url.path): the folder of models cannot be read; name a folder that "
          + "holds .safetensors or .th files.")
    }
  }

  private static func modelName(_ file: URL) -> String? {
    guard file.pathExtension == "th" else {
      return file.deletingPathExtension().lastPathComponent
    }
    return CheckpointFileName(path: file.path).model
  }
}
