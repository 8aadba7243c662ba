// SPDX-License-Identifier: MIT
public import Separation

/// A model that can be fetched.
public struct CatalogueModel: Sendable, Equatable {
  /// A checkpoint as the older site has it.
  struct Checkpoint: Sendable, Equatable {
    /// The name by which the bag knows it.
    var signature: String
    /// The first digits of the SHA-256 of its `.th` file.
    var checksum: String

    var archivedName: String { "\(signature)-\(checksum).th" }
  }

  /// The name by which it is chosen.
  public let name: ModelName
  /// The stems that it gives, in order.
  public let stems: [String]
  /// About how many bytes it takes.
  public let sizeInBytes: Int
  /// The terms of its weights.
  public let licence: Licence
  /// Its repository on the hub.
  let repository: String
  /// Its checkpoints on the older site, which has no bags.
  let checkpoints: [Checkpoint]
  /// The lines of the bag behind its models.
  let bagLines: [String]

  /// The bag that the older site lacks.
  var bag: String {
    let models = checkpoints.map { "'\($0.signature)'" }.joined(separator: ", ")
    return (["models: [\(models)]"] + bagLines).joined(separator: "\n") + "\n"
  }
}
