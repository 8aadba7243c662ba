// SPDX-License-Identifier: MIT

/// Reads a pickle into a ``PickleGraph``.
///
/// It knows the opcodes of ``PickleOpcode`` and the globals of ``PickleGlobal``. Anything else ends
/// the reading with an error that names it; nothing in a pickle is ever executed.
struct PickleMachine {
  typealias Node = PickleGraph.Node

  /// A hundred times what the largest known checkpoint has.
  static let maximumByteCount = 1 << 24

  let bytes: UnsafeRawBufferPointer
  /// Of the file, for messages.
  let name: String
  let start: Int
  var position: Int
  var graph = PickleGraph()
  private var stack: [Node] = []
  /// Heights of the stack.
  private var marks: [Int] = []
  private var memo: [UInt32: Node] = [:]

  /// - Parameters:
  ///   - bytes: What the pickle lies in; ``PickleGraph`` refers to places in it.
  ///   - start: Where it begins.
  init(_ bytes: UnsafeRawBufferPointer, start: Int, name: String) {
    self.bytes = bytes
    self.name = name
    self.start = start
    position = start
  }

  func malformed(_ why: String) -> SeparationError {
    SeparationError(
      code: .malformed,
      message: "\(name): not a PyTorch checkpoint, or a damaged one: \(why) at byte "
        + "\(position - start) of its pickle.")
  }

  func refused(_ what: String) -> SeparationError {
    SeparationError(
      code: .unsupported,
      message: "\(name): the checkpoint holds \(what), which no known model has; nothing of it was "
        + "executed.")
  }

  /// Reads up to the end of the pickle; `position` is behind it then.
  mutating func load() throws(SeparationError) -> Node {
    while position - start <= Self.maximumByteCount {
      let byte = try number(UInt8.self)
      guard let opcode = PickleOpcode(rawValue: byte) else {
        let hex = String(byte, radix: 16)
        throw refused("the pickle opcode \(PickleOpcode.refused[byte] ?? "0x" + hex)")
      }
      if opcode == .stop {
        let root = try pop()
        guard stack.isEmpty, marks.isEmpty else { throw malformed("values are left over") }
        return root
      }
      try execute(opcode)
    }
    throw SeparationError(
      code: .limit,
      message: "\(name): the checkpoint's pickle is longer than \(Self.maximumByteCount) bytes.")
  }

  private mutating func execute(_ opcode: PickleOpcode) throws(SeparationError) {
    switch opcode {
    case .stop: break
    case .protocolVersion:
      let version = try number(UInt8.self)
      guard (2...5).contains(version) else { throw refused("a pickle of protocol \(version)") }
    case .frame: _ = try number(UInt64.self)

    case .mark: marks.append(stack.count)
    case .none: push(.none)
    case .newTrue: push(.boolean(true))
    case .newFalse: push(.boolean(false))
    case .binInt: push(.integer(Int64(try number(Int32.self))))
    case .binInt1: push(.integer(Int64(try number(UInt8.self))))
    case .binInt2: push(.integer(Int64(try number(UInt16.self))))
    case .long1: try pushLong()
    case .binFloat:
      push(.number(Double(bitPattern: try number(UInt64.self).byteSwapped)))

    case .binUnicode, .binString: push(text(try take(Int(try number(UInt32.self)))))
    case .shortBinUnicode, .shortBinString: push(text(try take(Int(try number(UInt8.self)))))
    case .binUnicode8: push(text(try take(Int(clamping: try number(UInt64.self)))))
    case .binBytes:
      _ = try take(Int(try number(UInt32.self)))
      push(.ignored)
    case .shortBinBytes:
      _ = try take(Int(try number(UInt8.self)))
      push(.ignored)

    case .emptyTuple: push(.tuple([]))
    case .tuple1: push(.tuple(try pop(1)))
    case .tuple2: push(.tuple(try pop(2)))
    case .tuple3: push(.tuple(try pop(3)))
    case .tuple: push(.tuple(try popToMark()))
    case .emptyList: push(.list([]))
    case .append: try append(try pop(1))
    case .appends: try append(try popToMark())
    case .emptyDictionary: push(.dictionary([]))
    case .setItem: try insert(try pop(2))
    case .setItems: try insert(try popToMark())

    case .binPut: memo[UInt32(try number(UInt8.self))] = try top()
    case .longBinPut: memo[try number(UInt32.self)] = try top()
    case .memoize: memo[UInt32(memo.count)] = try top()
    case .binGet: try recall(UInt32(try number(UInt8.self)))
    case .longBinGet: try recall(try number(UInt32.self))

    case .global: try pushGlobal(module: try line(), name: try line())
    case .stackGlobal:
      let names = try pop(2)
      try pushGlobal(module: try string(names[0]), name: try string(names[1]))
    case .binPersistentID:
      let identifier = try pop()
      stack.append(try resolve(persistentID: identifier))
    case .reduce:
      let parts = try pop(2)
      stack.append(try reduce(parts[0], arguments: parts[1]))
    case .build:
      // The attributes of an ordered dictionary or of a NumPy type; neither is needed.
      _ = try pop()
      switch graph[try top()] {
      case .dictionary, .ignored: break
      default: throw refused("an object with attributes of its own")
      }
    }
  }
}

// MARK: - Bytes

extension PickleMachine {
  /// The next `count` bytes.
  private mutating func take(_ count: Int) throws(SeparationError) -> Range<Int> {
    guard count <= bytes.count - position else {
      throw malformed("a value goes past the end of the file")
    }
    // A graph has places in 32 bits; PyTorch puts the pickle first.
    guard position + count <= Int(UInt32.max) else {
      throw malformed("a value lies behind the first 4 GB of the file")
    }
    defer { position += count }
    return position..<position + count
  }

  private mutating func number<Value: FixedWidthInteger>(
    _ type: Value.Type
  ) throws(SeparationError) -> Value {
    guard let value = bytes.littleEndian(at: position, as: type) else {
      throw malformed("the file ends")
    }
    position += MemoryLayout<Value>.size
    return value
  }

  /// A text up to the end of the line, of at most 256 bytes.
  private mutating func line() throws(SeparationError) -> String {
    let rest = bytes[position..<min(bytes.count, position + 257)]
    guard let end = rest.firstIndex(of: 0x0a),
      let text = String(validating: rest[..<end], as: UTF8.self)
    else { throw malformed("a name does not end, or is not UTF-8,") }
    position = end + 1
    return text
  }

  /// A number of any length in two's complement.
  private mutating func pushLong() throws(SeparationError) {
    let range = try take(Int(try number(UInt8.self)))
    guard range.count <= 8 else { return push(.ignored) }
    var value: UInt64 = 0
    for (index, byte) in bytes[range].enumerated() { value |= UInt64(byte) << (8 * index) }
    let unused = 64 - 8 * range.count
    push(.integer(unused == 64 ? 0 : Int64(bitPattern: value << unused) >> unused))
  }

  private func text(_ range: Range<Int>) -> PickleGraph.Value {
    .text(start: UInt32(range.lowerBound), count: UInt32(range.count))
  }

  /// The string of a text of at most 256 bytes.
  func string(_ node: Node) throws(SeparationError) -> String {
    guard case .text(let start, let count) = graph[node], count <= 256,
      let string = String(
        validating: bytes[Int(start)..<Int(start) + Int(count)], as: UTF8.self)
    else { throw malformed("a short text is missing") }
    return string
  }
}

// MARK: - Stack

extension PickleMachine {
  mutating func push(_ value: PickleGraph.Value) { stack.append(graph.add(value)) }

  private func top() throws(SeparationError) -> Node {
    guard stack.count > marks.last ?? 0, let node = stack.last else {
      throw malformed("a value is missing")
    }
    return node
  }

  private mutating func pop() throws(SeparationError) -> Node {
    let node = try top()
    stack.removeLast()
    return node
  }

  /// The last `count` values, the last one last.
  private mutating func pop(_ count: Int) throws(SeparationError) -> [Node] {
    guard stack.count - count >= marks.last ?? 0 else { throw malformed("a value is missing") }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(SeparationError) -> [Node] {
    guard let mark = marks.popLast() else { throw malformed("a mark is missing") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private mutating func append(_ items: [Node]) throws(SeparationError) {
    guard graph.append(items, to: try top()) else {
      throw refused("an object to which items are appended and that is not a list")
    }
  }

  private mutating func insert(_ items: [Node]) throws(SeparationError) {
    guard items.count % 2 == 0 else { throw malformed("a key has no value") }
    guard graph.insert(items, into: try top()) else {
      throw refused("an object with items that is not a dictionary")
    }
  }

  private mutating func recall(_ key: UInt32) throws(SeparationError) {
    guard let node = memo[key] else { throw malformed("a value is recalled that is not there") }
    stack.append(node)
  }
}
