// SPDX-License-Identifier: MIT
public import Foundation

/// Where models are fetched from.
public struct ModelSource: Sendable, Equatable {
  /// The hub, which has a folder `REPOSITORY/resolve/main` of each model's files.
  public var hub: URL
  /// The older site of PyTorch's `.th` files, asked where the hub fails.
  public var archive: URL?

  /// Names both places.
  public init(hub: URL, archive: URL? = nil) {
    self.hub = hub
    self.archive = archive
  }

  /// The hub of Hugging Face and the site of the original Demucs.
  public static let standard = ModelSource(
    hub: URL(string: "https://huggingface.co") ?? URL(filePath: "/"),
    archive: URL(string: "https://dl.fbaipublicfiles.com/demucs/hybrid_transformer"))

  func file(_ name: String, of model: CatalogueModel) -> URL {
    hub.appending(path: "\(model.repository)/resolve/main/\(name)")
  }
}
