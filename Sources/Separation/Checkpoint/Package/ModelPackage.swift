// SPDX-License-Identifier: MIT
import Foundation

/// A model as Demucs packs it: which network, the arguments of its constructor, its weights.
///
/// Both of Demucs' formats give the same package: PyTorch's `.th`, and the safetensors of its hub.
struct ModelPackage: Sendable {
  /// The network's class with its module, such as `demucs.htdemucs.HTDemucs`.
  let className: String
  /// The arguments without names.
  let arguments: [PackageValue]
  /// The arguments with names.
  let namedArguments: [String: PackageValue]
  /// The network's state.
  let tensors: TensorTable
  /// The file's own strings; none in a `.th`.
  let metadata: [String: String]

  /// The network's class without its module, such as `HTDemucs`.
  var architecture: String {
    className.split(separator: ".").last.map(String.init) ?? className
  }

  /// Opens a `.safetensors` file or, of any other name, one of PyTorch.
  ///
  /// - Parameter verifiesChecksum: Whether a file `NAME-xxxxxxxx.th` must have the SHA-256 that its
  ///   name says. It is read as a whole for that.
  init(path: String, verifiesChecksum: Bool = true) throws(SeparationError) {
    if path.lowercased().hasSuffix(".safetensors") {
      try self.init(Safetensors(path: path))
      return
    }
    let file = try MappedFile.checkpoint(at: path)
    if verifiesChecksum { try CheckpointFileName(path: path).verify(file) }
    try self.init(PyTorchCheckpoint(file, name: path))
  }

  /// Reads `{klass, args, kwargs, state}`; what else there is does not matter.
  init(_ checkpoint: PyTorchCheckpoint) throws(SeparationError) {
    var reader = checkpoint.makeReader()
    var parts: [String: PickleGraph.Node] = [:]
    for (key, node) in try reader.dictionary(checkpoint.root, "parts") { parts[key] = node }
    guard let klass = parts["klass"], let state = parts["state"] else {
      throw reader.malformed("it has no “klass” or no “state”")
    }
    guard case .global(.model(let name)) = checkpoint.graph[klass] else {
      throw reader.malformed("its “klass” is not a network's class")
    }
    className = name
    let list = try parts["args"].map { node throws(SeparationError) in try reader.value(node) }
    let names = try parts["kwargs"].map { node throws(SeparationError) in try reader.value(node) }
    guard case .list(let arguments) = list ?? .list([]),
      case .dictionary(let namedArguments) = names ?? .dictionary([:])
    else { throw reader.malformed("its “args” or “kwargs” are not arguments") }
    self.arguments = arguments
    self.namedArguments = namedArguments
    if try reader.dictionary(state, "tensors").contains(where: { $0.key == "__quantized" }) {
      throw Self.quantized(checkpoint.name)
    }
    tensors = try checkpoint.tensors(of: state, reader: &reader)
    metadata = [:]
  }

  /// Reads `klass`, `args` and `kwargs` from the metadata, the last two as JSON.
  init(_ checkpoint: Safetensors) throws(SeparationError) {
    let metadata = checkpoint.metadata
    func decode<Value: Decodable>(_ key: String, _ absent: Value) throws(SeparationError) -> Value {
      guard let text = metadata[key] else { return absent }
      guard text.utf8.count <= Self.maximumArgumentByteCount,
        let value = try? JSONDecoder().decode(Value.self, from: Data(text.utf8))
      else {
        throw SeparationError(
          code: .malformed,
          message: "\(checkpoint.name): the “\(key)” in its metadata are not arguments in JSON.")
      }
      return value
    }
    guard let className = metadata["klass"], !className.isEmpty else {
      throw SeparationError(
        code: .malformed,
        message: "\(checkpoint.name): its metadata names no model (`klass`).")
    }
    // How a quantised state is put together from the tensors.
    guard metadata["structure"] == nil else { throw Self.quantized(checkpoint.name) }
    self.className = className
    arguments = try decode("args", [])
    namedArguments = try decode("kwargs", [:])
    tensors = checkpoint.tensors
    self.metadata = metadata
  }

  /// More than the arguments of any network need.
  private static let maximumArgumentByteCount = 1 << 20

  private static func quantized(_ name: String) -> SeparationError {
    SeparationError(
      code: .unsupported,
      message: "\(name): the model's weights are quantised (diffq), which is not supported; use "
        + "the model that is not, such as mdx_extra for mdx_extra_q.")
  }
}
