// SPDX-License-Identifier: MIT

/// Why a layer could not be made.
public struct NeuralNetworkError: Error, Equatable, CustomStringConvertible {
  /// What the caller can do about it.
  public enum Code: Sendable, Equatable {
    /// A shape or option that no layer here supports.
    case unsupported
    /// Weights whose number does not fit the layer.
    case malformed
    /// Not enough memory.
    case memory
    /// oneDNN refused; the number is its status code.
    case library(Int32)
  }

  public let code: Code
  /// A sentence for a person.
  public let message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }

  /// The error behind a status code of the oneDNN shim.
  static func library(_ status: Int32, layer: String) -> NeuralNetworkError {
    status == 1
      ? NeuralNetworkError(.memory, "There is not enough memory for \(layer).")
      : NeuralNetworkError(
        .library(status), "oneDNN cannot make \(layer) (its status code is \(status)).")
  }
}

/// Throws unless `values` holds exactly `count` weights.
func expect(_ values: [Float], count: Int, _ name: String) throws(NeuralNetworkError) {
  if values.count != count {
    throw NeuralNetworkError(
      .malformed, "The \(name) has \(values.count) values where \(count) are needed.")
  }
}
