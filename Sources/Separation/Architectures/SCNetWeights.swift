// SPDX-License-Identifier: MIT
import NeuralNetwork

/// The tensors of a part of a checkpoint, by the names that PyTorch gives them.
struct SCNetWeights {
  let checkpoint: Safetensors
  var prefix = ""

  /// The tensors whose names go on with `name` and a dot.
  subscript(_ name: String) -> SCNetWeights {
    SCNetWeights(checkpoint: checkpoint, prefix: prefix + name + ".")
  }

  subscript(_ index: Int) -> SCNetWeights { self["\(index)"] }

  func values(_ name: String, _ shape: Int...) throws(SeparationError) -> [Float] {
    try checkpoint.values(of: prefix + name, shape: shape)
  }

  func groupNorm(_ channels: Int, isFollowedBySwish: Bool = false) throws(SeparationError)
    -> GroupNorm
  {
    let weight = try values("weight", channels)
    let bias = try values("bias", channels)
    return try make { () throws(NeuralNetworkError) in
      try GroupNorm(
        channels: channels, weight: weight, bias: bias, isFollowedBySwish: isFollowedBySwish)
    }
  }

  /// One direction of an LSTM; PyTorch marks the backward one by a suffix.
  func recurrence(inputs: Int, units: Int, suffix: String) throws(SeparationError)
    -> BidirectionalLSTM.Weights
  {
    BidirectionalLSTM.Weights(
      inputWeight: try values("weight_ih_l0" + suffix, 4 * units, inputs),
      recurrentWeight: try values("weight_hh_l0" + suffix, 4 * units, units),
      inputBias: try values("bias_ih_l0" + suffix, 4 * units),
      recurrentBias: try values("bias_hh_l0" + suffix, 4 * units))
  }

  /// Makes a layer; its error is told as one of this checkpoint.
  func make<Layer>(
    _ body: () throws(NeuralNetworkError) -> Layer
  ) throws(SeparationError) -> Layer {
    do { return try body() } catch {
      let code: SeparationError.Code
      switch error.code {
      case .unsupported, .library: code = .unsupported
      case .malformed: code = .malformed
      case .memory: code = .limit
      }
      throw SeparationError(
        code: code, message: "\(checkpoint.name): the network cannot be built: \(error.message)")
    }
  }
}
