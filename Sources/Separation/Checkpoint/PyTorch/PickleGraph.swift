// SPDX-License-Identifier: MIT

/// What a pickle says: values that refer to each other by number.
///
/// Since values are numbers in one table, a pickle whose lists hold themselves needs no more memory
/// than any other, and strings stay where they are in the file. A node and what it holds take at
/// most a few dozen bytes for every byte of the pickle.
struct PickleGraph: Sendable {
  /// The number of a value.
  typealias Node = UInt32

  enum Value: Sendable {
    case none
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    /// UTF-8 at this place in the file.
    case text(start: UInt32, count: UInt32)
    case tuple([Node])
    case list([Node])
    /// Keys and values in turn.
    case dictionary([Node])
    /// The parts are integers.
    case fraction(numerator: Node, denominator: Node)
    case global(PickleGlobal)
    /// An index of ``PickleGraph/storages``.
    case storage(UInt32)
    /// An index of ``PickleGraph/tensors``.
    case tensor(UInt32)
    /// A value that no model needs, such as bytes, or a number of more than 64 bits.
    case ignored
  }

  /// One mention of a storage.
  struct Storage: Sendable {
    let kind: PyTorchStorageKind
    /// A text.
    let key: Node
    /// In values.
    let count: Int
  }

  /// A view of a storage; nothing of it is checked yet.
  struct Tensor: Sendable {
    let storage: UInt32
    let offset: Node
    let shape: Node
    let strides: Node
  }

  private(set) var values: [Value] = []
  private(set) var storages: [Storage] = []
  private(set) var tensors: [Tensor] = []

  subscript(_ node: Node) -> Value {
    get { values[Int(node)] }
    set { values[Int(node)] = newValue }
  }

  mutating func add(_ value: Value) -> Node {
    values.append(value)
    return Node(values.count - 1)
  }

  mutating func add(_ storage: Storage) -> Node {
    storages.append(storage)
    return add(.storage(UInt32(storages.count - 1)))
  }

  mutating func add(_ tensor: Tensor) -> Node {
    tensors.append(tensor)
    return add(.tensor(UInt32(tensors.count - 1)))
  }

  /// Adds items to a list; `false` where it is none.
  mutating func append(_ items: some Collection<Node>, to list: Node) -> Bool {
    guard case .list(var all) = self[list] else { return false }
    self[list] = .none
    all.append(contentsOf: items)
    self[list] = .list(all)
    return true
  }

  /// Adds keys and values to a dictionary; `false` where it is none.
  mutating func insert(_ items: some Collection<Node>, into dictionary: Node) -> Bool {
    guard case .dictionary(var all) = self[dictionary] else { return false }
    self[dictionary] = .none
    all.append(contentsOf: items)
    self[dictionary] = .dictionary(all)
    return true
  }
}
