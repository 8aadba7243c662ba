// SPDX-License-Identifier: MIT
import Foundation

/// Stand-in until the engine's reader is merged.
struct Safetensors {
  let metadata: [String: String]

  init(path: String) throws(SeparationError) {
    func fail(_ why: String) -> SeparationError {
      SeparationError(code: .malformed, message: "\(path): \(why)")
    }
    guard let data = try? Data(contentsOf: URL(filePath: path)), data.count >= 8 else {
      throw fail("cannot be read")
    }
    let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(data.count - 8),
      let object = try? JSONSerialization.jsonObject(with: data[8..<8 + Int(length)]),
      let header = object as? [String: Any]
    else { throw fail("is not a safetensors file") }
    metadata = header["__metadata__"] as? [String: String] ?? [:]
  }
}
