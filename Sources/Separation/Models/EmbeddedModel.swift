// SPDX-License-Identifier: MIT
import Foundation

/// Finds the checkpoints that come with the package.
enum EmbeddedModel {
  /// The target that has them as resources.
  static let target = "Separation"

  /// The checkpoint of `lite`, where it is.
  static var lite: URL? {
    ProgramResources.file("lite.safetensors", of: target, installedAs: "models")
  }
}
