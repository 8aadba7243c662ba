// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Separation

/// The small networks that `Tests/Fixtures/make_network_fixtures.py` and `make_demucs_fixtures.py`
/// wrote, each beside a file of what PyTorch computes with it.
enum NetworkFixture {
  static let folder = CheckpointFiles.folder.deletingLastPathComponent()

  static func file(_ name: String, in folder: URL = folder) -> URL {
    folder.appending(path: "\(name).safetensors")
  }

  static func checkpoint(_ name: String, in folder: URL = folder) throws -> Safetensors {
    try Safetensors(path: file(name, in: folder).path)
  }

  static func demucs(_ name: String) throws -> HybridDemucs {
    try HybridDemucs(package: ModelPackage(checkpoint("demucs-\(name)")))
  }

  static func scnet(_ name: String, threadsPerWorker: Int = 1) throws -> SCNet {
    try SCNet(checkpoint: checkpoint("scnet-\(name)"), threadsPerWorker: threadsPerWorker)
  }

  /// Expected values, by the name that the script gives them.
  static func expected(
    _ tensor: String = "expected", of name: String, in folder: URL = folder
  ) throws -> [Float] {
    let results = try checkpoint("\(name).expected", in: folder)
    return try results.values(of: tensor, shape: #require(results.shape(of: tensor)))
  }

  /// A checkpoint with further tensors.
  static func checkpoint(_ name: String, adding tensors: [String]) throws -> Safetensors {
    let bytes = [UInt8](try Data(contentsOf: file(name)))
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let object = try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length]))
    var header = try #require(object as? [String: Any])
    var values = bytes[(8 + length)...]
    for tensor in tensors {
      header[tensor] = SafetensorsTests.tensor("F16", [1], [values.count, values.count + 2])
      values += [0, 0]
    }
    let text = try JSONSerialization.data(withJSONObject: header)
    return try Safetensors(
      bytes: SafetensorsTests.file(header: String(decoding: text, as: UTF8.self), bytes: 0)
        + values, name: name)
  }
}
