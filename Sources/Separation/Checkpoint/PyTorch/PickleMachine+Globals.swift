// SPDX-License-Identifier: MIT

extension PickleMachine {
  mutating func pushGlobal(module: String, name: String) throws(SeparationError) {
    let full = "\(module).\(name)"
    guard let global = PickleGlobal(name: full) else {
      if module.split(separator: ".").first == "diffq" { throw quantized(full) }
      throw refused("the global “\(full.excerpt)”")
    }
    push(.global(global))
  }

  /// Weights that the package diffq has packed.
  private func quantized(_ what: String) -> SeparationError {
    SeparationError(
      code: .unsupported,
      message: "\(name): the checkpoint's weights are quantised (“\(what.excerpt)”), which is not "
        + "supported; use the model that is not, such as mdx_extra for mdx_extra_q.")
  }

  /// What a call of a known function stands for.
  mutating func reduce(_ function: Node, arguments: Node) throws(SeparationError) -> Node {
    guard case .global(let global) = graph[function] else {
      throw refused("a call of something that is not a global")
    }
    guard case .tuple(let items) = graph[arguments] else {
      throw malformed("the arguments of a call are missing")
    }
    switch global {
    case .ignored: return graph.add(.ignored)
    case .orderedDictionary where items.isEmpty: return graph.add(.dictionary([]))
    case .fraction: return try fraction(items)
    case .parameter:
      guard let data = items.first, case .tensor = graph[data] else {
        throw malformed("a parameter has no tensor")
      }
      return data
    case .tensor:
      guard items.count >= 4, case .storage(let storage) = graph[items[0]] else {
        throw malformed("a tensor has no storage")
      }
      return graph.add(
        PickleGraph.Tensor(
          storage: storage, offset: items[1], shape: items[2], strides: items[3]))
    case .orderedDictionary: throw refused("an OrderedDict with arguments")
    case .storage(let kind): throw refused("a call of torch.\(kind.rawValue)")
    case .model(let model): throw refused("a call of \(model)")
    }
  }

  /// `Fraction(39, 5)`, or `Fraction("39/5")` as older Pythons write it.
  private mutating func fraction(_ items: [Node]) throws(SeparationError) -> Node {
    if items.count == 2, case .integer = graph[items[0]],
      case .integer(let denominator) = graph[items[1]], denominator > 0
    {
      return graph.add(.fraction(numerator: items[0], denominator: items[1]))
    }
    guard items.count == 1 else { throw malformed("a fraction is wrong") }
    let parts = try string(items[0]).split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let numerator = parts.first.flatMap({ Int64($0) }),
      let denominator = parts.count == 2 ? Int64(parts[1]) : 1, denominator > 0
    else { throw malformed("a fraction is wrong") }
    let nodes = (graph.add(.integer(numerator)), graph.add(.integer(denominator)))
    return graph.add(.fraction(numerator: nodes.0, denominator: nodes.1))
  }

  /// What PyTorch keeps outside of the pickle: `("storage", kind, key, location, count)`; the legacy
  /// format adds a view, which is `None`, and has classes as `("module", class, file, source)`.
  mutating func resolve(persistentID: Node) throws(SeparationError) -> Node {
    guard case .tuple(let items) = graph[persistentID], items.count >= 2 else {
      throw malformed("a persistent id is not a tuple")
    }
    switch try string(items[0]) {
    case "module":
      guard case .global(.model) = graph[items[1]] else {
        throw malformed("a module is not a class")
      }
      return items[1]
    case "storage":
      guard (5...6).contains(items.count), case .global(.storage(let kind)) = graph[items[1]],
        case .text = graph[items[2]], case .integer(let value) = graph[items[4]],
        let count = Int(exactly: value), count >= 0
      else { throw malformed("a storage is wrong") }
      if items.count == 6 {
        guard case .none = graph[items[5]] else { throw refused("a view of a storage") }
      }
      return graph.add(PickleGraph.Storage(kind: kind, key: items[2], count: count))
    case let other: throw refused("the persistent id “\(other.excerpt)”")
    }
  }
}
