// SPDX-License-Identifier: MIT

/// The format of PyTorch before 1.6: pickles of a magic number, of a version, of facts about the
/// machine, of what was saved and of the storages' keys; then, for each key, the number of values
/// in eight bytes and the values.
extension PyTorchCheckpoint {
  /// The magic number 0x1950a86a20f9469cfc6c as a pickled number of ten bytes, and the end of it.
  private static let legacyMagic: [UInt8] = [
    0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
  ]
  private static let legacyVersion = 1001

  /// Where the magic number ends, or `nil` where the file does not begin with it.
  ///
  /// In front of it is the pickle's protocol and, from protocol 4 on, the length of a frame.
  static func legacySignatureEnd(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count > 11, bytes[0] == 0x80 else { return nil }
    let start = bytes[2] == PickleOpcode.frame.rawValue ? 11 : 2
    return bytes.holds(legacyMagic, at: start) ? start + legacyMagic.count : nil
  }

  /// - Parameter position: Behind the magic number.
  static func readLegacy(
    _ bytes: UnsafeRawBufferPointer, position: Int, name: String
  ) throws(SeparationError) -> Contents {
    func unsupported(_ why: String) -> SeparationError {
      SeparationError(code: .unsupported, message: "\(name): the checkpoint \(why).")
    }
    var machine = PickleMachine(bytes, start: position, name: name)
    guard case .integer(let version) = machine.graph[try machine.load()], version == legacyVersion
    else { throw unsupported("is not of the version \(legacyVersion) of PyTorch's older format") }

    machine = PickleMachine(bytes, start: machine.position, name: name)
    let facts = try machine.load()
    guard try isLittleEndian(facts, machine: machine) else {
      throw unsupported("was written by a big-endian machine")
    }

    machine = PickleMachine(bytes, start: machine.position, name: name)
    let root = try machine.load()
    var keys = PickleMachine(bytes, start: machine.position, name: name)
    let list = try keys.load()
    let storages = try readLegacyStorages(
      bytes, keys: keys, list: list, graph: machine.graph, texts: machine)
    return Contents(graph: machine.graph, root: root, storages: storages)
  }

  private static func isLittleEndian(
    _ facts: PickleGraph.Node, machine: PickleMachine
  ) throws(SeparationError) -> Bool {
    guard case .dictionary(let items) = machine.graph[facts] else {
      throw machine.malformed("what is said of the machine is not a dictionary")
    }
    for index in stride(from: 0, to: items.count, by: 2)
    where try machine.string(items[index]) == "little_endian" {
      if case .boolean(let isLittle) = machine.graph[items[index + 1]] { return isLittle }
    }
    throw machine.malformed("the order of the bytes is missing")
  }

  private static func readLegacyStorages(
    _ bytes: UnsafeRawBufferPointer, keys: PickleMachine, list: PickleGraph.Node,
    graph: PickleGraph, texts: PickleMachine
  ) throws(SeparationError) -> [String: Range<Int>] {
    var mentioned: [String: PickleGraph.Storage] = [:]
    for storage in graph.storages { mentioned[try texts.string(storage.key)] = storage }
    guard case .list(let nodes) = keys.graph[list] else {
      throw keys.malformed("the storages' keys are not a list")
    }
    var storages: [String: Range<Int>] = [:]
    var position = keys.position
    for node in nodes {
      let key = try keys.string(node)
      guard let storage = mentioned[key], storages[key] == nil,
        let count = bytes.littleEndian(at: position, as: Int64.self), count == storage.count,
        count <= Int64((bytes.count - position - 8) / storage.kind.byteCount)
      else { throw keys.malformed("the storage “\(key.excerpt)” is wrong, or missing,") }
      let start = position + 8
      position = start + storage.count * storage.kind.byteCount
      storages[key] = start..<position
    }
    guard position == bytes.count else { throw keys.malformed("more follows the storages") }
    return storages
  }
}
