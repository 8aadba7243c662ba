// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Separation

/// What `Tests/Fixtures/make_checkpoint_fixtures.py` wrote.
enum CheckpointFiles {
  static let folder = Bundle.module.bundleURL.appending(path: "Fixtures/checkpoints")

  static func path(_ name: String) -> String { folder.appending(path: name).path }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: name)))
  }

  /// The names of the files in a folder, sorted.
  static func names(in subfolder: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(
      atPath: folder.appending(path: subfolder).path
    ).filter { $0.contains(".") }.sorted()
  }

  /// A zip archive of entries as they are.
  static func archive(_ entries: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    func little(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for (name, bytes) in entries {
      // Version, flags, method, time, date and checksum are 0.
      let sizes = little(bytes.count, 4) + little(bytes.count, 4) + little(name.utf8.count, 2)
      directory += [0x50, 0x4b, 1, 2] + [UInt8](repeating: 0, count: 16) + sizes
      directory += [UInt8](repeating: 0, count: 12) + little(file.count, 4) + Array(name.utf8)
      file += [0x50, 0x4b, 3, 4] + [UInt8](repeating: 0, count: 14) + sizes + [0, 0]
      file += Array(name.utf8) + bytes
    }
    let end =
      [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + little(entries.count, 2) + little(entries.count, 2)
      + little(directory.count, 4) + little(file.count, 4) + [0, 0]
    return file + directory + end
  }

  /// A checkpoint of that pickle.
  static func checkpoint(pickle: [UInt8]) throws -> PyTorchCheckpoint {
    try PyTorchCheckpoint(bytes: archive([("x/data.pkl", pickle)]), name: "x.th")
  }
}
