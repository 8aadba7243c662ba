// SPDX-License-Identifier: MIT
package import NeuralNetwork

/// A file of named tensors, mapped into memory.
///
/// The header is checked when the file is opened: every tensor lies within the file, its length
/// fits its shape and format, and no two overlap. Values are converted when they are asked for.
package final class Safetensors: Sendable {
  /// The file's own strings.
  package let metadata: [String: String]
  let tensors: TensorTable

  /// The path or name, for messages.
  var name: String { tensors.name }
  /// The names of all tensors, sorted.
  package var tensorNames: [String] { tensors.names }

  package convenience init(path: String) throws(SeparationError) {
    try self.init(.checkpoint(at: path), name: path)
  }

  /// The bytes of a file that is not on disk.
  convenience init(bytes: [UInt8], name: String) throws(SeparationError) {
    try self.init(MappedFile(bytes: bytes), name: name)
  }

  private init(_ file: MappedFile, name: String) throws(SeparationError) {
    let header = try SafetensorsHeader(file.bytes, name: name)
    metadata = header.metadata
    tensors = TensorTable(name: name, file: file, entries: header.entries)
  }

  /// The shape of a tensor, or `nil` where there is none of that name.
  package func shape(of tensor: String) -> [Int]? { tensors.shape(of: tensor) }

  /// The values of a tensor, which must have exactly this shape, as float32.
  package func values(of tensor: String, shape: [Int]) throws(SeparationError) -> [Float] {
    try tensors.values(of: tensor, shape: shape)
  }

  /// All tensors as float32, by name.
  package func namedTensors() throws(SeparationError) -> [NamedTensor] {
    var result: [NamedTensor] = []
    for name in tensorNames {
      let shape = shape(of: name) ?? []
      result.append(
        NamedTensor(name: name, shape: shape, values: try values(of: name, shape: shape)))
    }
    return result
  }
}
