// SPDX-License-Identifier: MIT

/// Values with a name and a shape, as they are kept in files.
public struct NamedTensor: Sendable, Equatable {
  public var name: String
  /// Empty for a single number.
  public var shape: [Int]
  /// In row-major order.
  public var values: [Float]

  public init(name: String, shape: [Int], values: [Float]) {
    self.name = name
    self.shape = shape
    self.values = values
  }
}

/// A tensor's place in a block of floats.
struct TensorPlace: Equatable {
  let name: String
  let shape: [Int]
  let offset: Int
  /// Whether it is learned; otherwise it is a running statistic.
  let isParameter: Bool

  var count: Int { shape.reduce(1, *) }
  var range: Range<Int> { offset..<offset + count }
}

/// Tensors by name, each to be taken with the shape that is needed.
struct TensorBook {
  private let tensors: [String: NamedTensor]

  /// - Throws: `malformed` where a name occurs twice.
  init(_ tensors: [NamedTensor]) throws(NeuralNetworkError) {
    var book: [String: NamedTensor] = [:]
    for tensor in tensors {
      guard book.updateValue(tensor, forKey: tensor.name) == nil else {
        throw NeuralNetworkError(.malformed, "The tensor “\(tensor.name)” is given twice.")
      }
    }
    self.tensors = book
  }

  func values(of name: String, shape: [Int]) throws(NeuralNetworkError) -> [Float] {
    guard let tensor = tensors[name] else {
      throw NeuralNetworkError(.malformed, "The tensor “\(name)” is missing.")
    }
    guard tensor.shape == shape, tensor.values.count == shape.reduce(1, *) else {
      throw NeuralNetworkError(
        .malformed,
        "The tensor “\(name)” has the shape \(tensor.shape) and \(tensor.values.count) values "
          + "where the shape \(shape) is needed.")
    }
    guard tensor.values.allSatisfy(\.isFinite) else {
      throw NeuralNetworkError(
        .malformed, "The tensor “\(name)” holds values that are not numbers.")
    }
    return tensor.values
  }
}
