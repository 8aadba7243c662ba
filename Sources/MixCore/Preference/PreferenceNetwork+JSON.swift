// SPDX-License-Identifier: MIT

extension PreferenceNetwork {
  /// No weight of a document may be larger, so that no product of them overflows.
  private static let largestWeight = 1000.0

  /// The weights as pages save those of TensorFlow.js: a list of eight tensors in the order of
  /// `getWeights()`, kernel [in, out] and bias [out] of each layer, each an object with `shape` and
  /// `data` (row by row).
  public var json: JSONValue {
    var tensors: [JSONValue] = []
    for layer in Layout.layers {
      tensors.append(
        tensor([layer.inputCount, layer.outputCount], layer.kernel..<layer.bias))
      tensors.append(tensor([layer.outputCount], layer.bias..<layer.bias + layer.outputCount))
    }
    return .array(tensors)
  }

  private func tensor(_ shape: [Int], _ range: Range<Int>) -> JSONValue {
    .object([
      JSONMember("shape", .array(shape.map { .number(Double($0)) })),
      JSONMember("data", .array(parameters[range].map { .single($0) })),
    ])
  }

  /// Reads weights as ``json`` has them; tensors may also be lists of numbers, nested or flat.
  ///
  /// - Throws: `MixPlanError` with the place of what is missing, of another shape, or no number.
  public init(json: JSONValue, path: String = "") throws(MixPlanError) {
    let tensors = try json.items(path, maximumCount: 1 << 16)
    guard tensors.count == 2 * Layout.layers.count else {
      throw MixPlanError(
        .outOfRange, "\(tensors.count) tensors where \(2 * Layout.layers.count) are expected",
        path: path)
    }
    var parameters: [Float] = []
    for (index, layer) in Layout.layers.enumerated() {
      try Self.read(
        tensors[2 * index], [layer.inputCount, layer.outputCount], "\(path)[\(2 * index)]",
        into: &parameters)
      try Self.read(
        tensors[2 * index + 1], [layer.outputCount], "\(path)[\(2 * index + 1)]", into: &parameters)
    }
    self.init(parameters: parameters)
  }

  private static func read(
    _ tensor: JSONValue, _ shape: [Int], _ path: String, into parameters: inout [Float]
  ) throws(MixPlanError) {
    let count = shape.reduce(1, *)
    let start = parameters.count
    var data = tensor
    var place = path
    if case .object = tensor {
      let sizes = try tensor.required("shape", path).items("\(path).shape", maximumCount: 8)
      var isSame = sizes.count == shape.count
      for index in sizes.indices {
        let size = try sizes[index].number("\(path).shape", largest: 1e9)
        if isSame { isSame = size == Double(shape[index]) }
      }
      guard isSame else { throw wrongShape(shape, "\(path).shape") }
      data = try tensor.required("data", path)
      place = "\(path).data"
    }
    try append(data, place, depth: shape.count, limit: start + count, to: &parameters)
    guard parameters.count == start + count else { throw wrongShape(shape, place) }
  }

  /// Appends the numbers of lists in lists, up to `limit` values in all and one more.
  private static func append(
    _ value: JSONValue, _ path: String, depth: Int, limit: Int, to parameters: inout [Float]
  ) throws(MixPlanError) {
    for item in try value.items(path, maximumCount: 1 << 16) where parameters.count <= limit {
      if depth > 1, case .array = item {
        try append(item, path, depth: depth - 1, limit: limit, to: &parameters)
      } else {
        parameters.append(Float(try item.number(path, largest: largestWeight)))
      }
    }
  }

  private static func wrongShape(_ shape: [Int], _ path: String) -> MixPlanError {
    var text = ""
    for size in shape { text += text.utf8.isEmpty ? "\(size)" : ", \(size)" }
    return MixPlanError(.outOfRange, "the shape is not [\(text)]", path: path)
  }
}
