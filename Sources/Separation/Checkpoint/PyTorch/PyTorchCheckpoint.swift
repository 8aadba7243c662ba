// SPDX-License-Identifier: MIT

/// A file that PyTorch's `torch.save` wrote, mapped into memory.
///
/// Since PyTorch 1.6 that is a zip archive, before that a row of pickles; `+Zip` and `+Legacy` know
/// where in each the values lie. Nothing in the file is executed.
struct PyTorchCheckpoint: Sendable {
  /// The path or name, for messages.
  let name: String
  let file: MappedFile
  /// What was saved.
  let graph: PickleGraph
  let root: PickleGraph.Node
  /// Where the values of each storage lie in the file, by its key.
  let storages: [String: Range<Int>]

  /// The bytes of a file that is not on disk.
  init(bytes: [UInt8], name: String) throws(SeparationError) {
    try self.init(MappedFile(bytes: bytes), name: name)
  }

  /// - Parameter name: Of the file, for messages.
  init(_ file: MappedFile, name: String) throws(SeparationError) {
    let contents: Contents
    if file.bytes.holds(ZipArchive.signature, at: 0) {
      contents = try Self.readArchive(file.bytes, name: name)
    } else if let end = Self.legacySignatureEnd(file.bytes) {
      contents = try Self.readLegacy(file.bytes, position: end, name: name)
    } else {
      throw SeparationError(
        code: .malformed,
        message: "\(name): not a PyTorch checkpoint: it begins neither like a zip archive nor like "
          + "the older format.")
    }
    self.name = name
    self.file = file
    graph = contents.graph
    root = contents.root
    storages = contents.storages
  }

  /// What both formats consist of.
  struct Contents {
    let graph: PickleGraph
    let root: PickleGraph.Node
    let storages: [String: Range<Int>]
  }

  /// Takes values out; all that one reader gives takes no more memory than a few times the file.
  func makeReader() -> PickleTreeReader {
    PickleTreeReader(graph: graph, file: file, name: name, budget: 4 * file.bytes.count)
  }

  /// The tensors of a dictionary such as a network's state.
  func tensors(
    of dictionary: PickleGraph.Node, reader: inout PickleTreeReader
  ) throws(SeparationError) -> TensorTable {
    var entries: [String: TensorEntry] = [:]
    for (key, node) in try reader.dictionary(dictionary, "tensors") {
      guard case .tensor(let index) = graph[node] else {
        throw reader.malformed("the value of “\(key.excerpt)” is not a tensor")
      }
      guard let entry = try entry(graph.tensors[Int(index)], reader: &reader) else {
        throw reader.malformed("the place or shape of the tensor “\(key.excerpt)” is wrong")
      }
      entries[key] = entry
    }
    return TensorTable(name: name, file: file, entries: entries)
  }

  /// The place of a tensor, or `nil` where it does not fit its storage.
  private func entry(
    _ tensor: PickleGraph.Tensor, reader: inout PickleTreeReader
  ) throws(SeparationError) -> TensorEntry? {
    let storage = graph.storages[Int(tensor.storage)]
    let itemByteCount = storage.kind.byteCount
    let (storageByteCount, overflow) = storage.count.multipliedReportingOverflow(by: itemByteCount)
    guard let key = try reader.text(storage.key), let range = storages[key], !overflow,
      storageByteCount == range.count, case .integer(let offset) = graph[tensor.offset],
      let offset = Int(exactly: offset), let shape = sizes(tensor.shape),
      let strides = sizes(tensor.strides),
      let layout = TensorLayout(
        shape: shape, strides: strides, offset: offset, storageCount: storage.count)
    else { return nil }
    let start = range.lowerBound + itemByteCount * layout.places.lowerBound
    return TensorEntry(
      format: storage.kind.format, shape: shape,
      strides: layout.isRowMajor ? nil : strides, count: layout.count,
      range: start..<start + itemByteCount * layout.places.count)
  }

  private func sizes(_ node: PickleGraph.Node) -> [Int]? {
    guard case .tuple(let items) = graph[node], items.count <= TensorEntry.maximumRank else {
      return nil
    }
    var sizes: [Int] = []
    for item in items {
      guard case .integer(let size) = graph[item], let size = Int(exactly: size), size >= 0 else {
        return nil
      }
      sizes.append(size)
    }
    return sizes
  }
}
