// SPDX-License-Identifier: MIT
import NeuralNetwork

/// The tensors of a part of a checkpoint, by the names that PyTorch gives them.
///
/// All parts of a checkpoint note together which tensors were asked for.
struct NetworkWeights {
  let tensors: TensorTable
  private let prefix: String
  private let asked: AskedNames

  private final class AskedNames {
    var names: Set<String> = []
  }

  /// The whole checkpoint.
  init(_ tensors: TensorTable) {
    self.init(tensors: tensors, prefix: "", asked: AskedNames())
  }

  private init(tensors: TensorTable, prefix: String, asked: AskedNames) {
    self.tensors = tensors
    self.prefix = prefix
    self.asked = asked
  }

  /// The tensors whose names go on with `name` and a dot.
  subscript(_ name: String) -> NetworkWeights {
    NetworkWeights(tensors: tensors, prefix: prefix + name + ".", asked: asked)
  }

  subscript(_ index: Int) -> NetworkWeights { self["\(index)"] }

  func values(_ name: String, _ shape: Int...) throws(SeparationError) -> [Float] {
    asked.names.insert(prefix + name)
    return try tensors.values(of: prefix + name, shape: shape)
  }

  /// Refuses a checkpoint with tensors that nothing asked for, as PyTorch's `load_state_dict` does
  /// where it is strict: they are of another network than the arguments say.
  func requireAllAsked() throws(SeparationError) {
    let rest = tensors.names.filter { !asked.names.contains($0) }
    guard !rest.isEmpty else { return }
    let named = rest.prefix(3).map { "“\($0.excerpt)”" }.joined(separator: ", ")
    throw SeparationError(
      code: .malformed,
      message: "\(tensors.name): it holds tensors that its network does not have: \(named)"
        + (rest.count > 3 ? " and \(rest.count - 3) more." : "."))
  }

  func groupNorm(
    _ channels: Int, groups: Int = 1, activation: GroupNorm.Activation = .none
  ) throws(SeparationError) -> GroupNorm {
    let weight = try values("weight", channels)
    let bias = try values("bias", channels)
    return try make { () throws(NeuralNetworkError) in
      try GroupNorm(
        channels: channels, groups: groups, weight: weight, bias: bias, activation: activation)
    }
  }

  /// One direction of a layer of an LSTM; PyTorch marks the backward one by a suffix.
  func recurrence(
    layer: Int = 0, inputs: Int, units: Int, suffix: String
  ) throws(SeparationError) -> BidirectionalLSTM.Weights {
    let suffix = "_l\(layer)" + suffix
    return BidirectionalLSTM.Weights(
      inputWeight: try values("weight_ih" + suffix, 4 * units, inputs),
      recurrentWeight: try values("weight_hh" + suffix, 4 * units, units),
      inputBias: try values("bias_ih" + suffix, 4 * units),
      recurrentBias: try values("bias_hh" + suffix, 4 * units))
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
        code: code, message: "\(tensors.name): the network cannot be built: \(error.message)")
    }
  }
}

extension NetworkWeights {
  /// A convolution along frames; its weights are twice as many where it is gated.
  func convolution(
    _ shape: FrameConvolution.Shape, in plan: NetworkPlan
  ) throws(SeparationError) -> FrameConvolution {
    let outputs = shape.isGated ? 2 * shape.outputChannels : shape.outputChannels
    let weight = try convolutionWeight(outputs, shape.inputChannels, 1, shape.kernel)
    let bias = try values("bias", outputs)
    return try make { () throws(NeuralNetworkError) in
      try FrameConvolution(shape, weights: weight, bias: bias, in: plan)
    }
  }

  /// The kernel of a convolution over one dimension or two: (a, b, length) or (a, b, height, width).
  func convolutionWeight(
    _ first: Int, _ second: Int, _ height: Int, _ width: Int
  ) throws(SeparationError) -> [Float] {
    let rank = tensors.shape(of: prefix + "weight")?.count
    if rank == 3, height == 1 { return try values("weight", first, second, width) }
    if rank == 3, width == 1 { return try values("weight", first, second, height) }
    return try values("weight", first, second, height, width)
  }

  func layerNorm(_ channels: Int) throws(SeparationError) -> LayerNorm {
    let weight = try values("weight", channels)
    let bias = try values("bias", channels)
    return try make { () throws(NeuralNetworkError) in
      try LayerNorm(channels: channels, weight: weight, bias: bias)
    }
  }
}
