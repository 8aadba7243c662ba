// SPDX-License-Identifier: MIT
package import Foundation

/// What is known of a fetched model's files, kept beside them as `manifest.json`.
package struct ModelManifest: Codable, Sendable, Equatable {
  /// One file.
  package struct File: Codable, Sendable, Equatable {
    package var name: String
    /// Where it came from.
    package var source: String
    package var sizeInBytes: Int
    /// 64 hexadecimal digits, of the file as it was stored.
    package var sha256: String
    /// Whether the source said what the SHA-256 had to be, or its beginning.
    package var isVerified: Bool

    package init(
      name: String, source: String, sizeInBytes: Int, sha256: String, isVerified: Bool
    ) {
      self.name = name
      self.source = source
      self.sizeInBytes = sizeInBytes
      self.sha256 = sha256
      self.isVerified = isVerified
    }
  }

  package static let fileName = "manifest.json"

  package var model: String
  /// The terms of the weights, in a few words.
  package var licence: String
  package var files: [File]

  package init(model: String, licence: String, files: [File] = []) {
    self.model = model
    self.licence = licence
    self.files = files
  }

  /// The manifest in a folder, `nil` where there is none or a damaged one.
  package init?(in folder: URL) {
    guard let data = try? Data(contentsOf: folder.appending(path: Self.fileName)),
      let manifest = try? JSONDecoder().decode(ModelManifest.self, from: data)
    else { return nil }
    self = manifest
  }
}
