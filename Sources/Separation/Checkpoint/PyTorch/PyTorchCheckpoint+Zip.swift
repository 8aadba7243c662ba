// SPDX-License-Identifier: MIT

extension PyTorchCheckpoint {
  /// Reads `NAME/data.pkl`; the values of the storage `KEY` are the entry `NAME/data/KEY`.
  static func readArchive(_ bytes: UnsafeRawBufferPointer, name: String) throws(SeparationError)
    -> Contents
  {
    let archive = try ZipArchive(bytes, name: name)
    let pickles = archive.entries.filter { entry, _ in
      entry.hasSuffix("/data.pkl") && entry.count(where: { $0 == "/" }) == 1
    }
    guard let (entry, place) = pickles.first, pickles.count == 1 else {
      throw SeparationError(
        code: .malformed,
        message: "\(name): not a PyTorch checkpoint: the zip archive has no data.pkl, or several.")
    }
    let folder = String(entry.dropLast("data.pkl".count))
    if let order = archive.entries[folder + "byteorder"], !bytes[order].elementsEqual("little".utf8)
    {
      throw SeparationError(
        code: .unsupported,
        message: "\(name): the checkpoint was written by a big-endian machine; save it again with "
          + "PyTorch on a little-endian one.")
    }
    var machine = PickleMachine(
      UnsafeRawBufferPointer(rebasing: bytes[..<place.upperBound]), start: place.lowerBound,
      name: name)
    let root = try machine.load()
    guard machine.position == place.upperBound else {
      throw machine.malformed("more follows")
    }
    var storages: [String: Range<Int>] = [:]
    for (entry, range) in archive.entries where entry.hasPrefix(folder + "data/") {
      storages[String(entry.dropFirst(folder.count + "data/".count))] = range
    }
    return Contents(graph: machine.graph, root: root, storages: storages)
  }
}
