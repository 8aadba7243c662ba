// SPDX-License-Identifier: MIT
public import Separation

/// The models that can be fetched: those of Demucs 4.1.0 that this program runs.
public enum ModelCatalogue {
  private static let fourStems = ["drums", "bass", "other", "vocals"]

  /// All models in the order of Demucs' own list.
  public static let models = [
    CatalogueModel(
      name: "htdemucs", stems: fourStems, sizeInBytes: 84_000_000, licence: .demucsWeights,
      repository: "adefossez/HTDemucs",
      checkpoints: [.init(signature: "955717e8", checksum: "8726e21a")], bagLines: []),
    CatalogueModel(
      name: "htdemucs_ft", stems: fourStems, sizeInBytes: 336_000_000, licence: .demucsWeights,
      repository: "adefossez/HTDemucs-ft",
      checkpoints: [
        .init(signature: "f7e0c4bc", checksum: "ba3fe64a"),
        .init(signature: "d12395a8", checksum: "e57c48e6"),
        .init(signature: "92cfc3b6", checksum: "ef3bcb9c"),
        .init(signature: "04573f0d", checksum: "f3cf25b2"),
      ],
      // Each model gives the stem for which it was tuned.
      bagLines: [
        "weights: [", "  [1., 0., 0., 0.],", "  [0., 1., 0., 0.],", "  [0., 0., 1., 0.],",
        "  [0., 0., 0., 1.],", "]",
      ]),
    CatalogueModel(
      name: "htdemucs_6s", stems: fourStems + ["guitar", "piano"], sizeInBytes: 55_000_000,
      licence: .demucsWeights, repository: "adefossez/HTDemucs-6s",
      checkpoints: [.init(signature: "5c90dfd2", checksum: "34c22ccb")], bagLines: []),
    CatalogueModel(
      name: "hdemucs_mmi", stems: fourStems, sizeInBytes: 168_000_000, licence: .demucsWeights,
      repository: "adefossez/Demucs-hdemucs_mmi",
      checkpoints: [.init(signature: "75fc33f5", checksum: "1941ce65")],
      bagLines: ["segment: 44"]),
  ]

  /// The model of that name, `nil` where the catalogue has none.
  public static func model(named name: ModelName) -> CatalogueModel? {
    models.first { $0.name == name }
  }
}
