// SPDX-License-Identifier: MIT
internal import COneDNN

/// A matrix product with rows of features, plus a bias.
final class BatchLinear: TrainingStage {
  let output: ImageShape
  private let inputs: Int
  private let weight: TensorPlace
  private let bias: TensorPlace

  init(inputs: Int, weight: TensorPlace, bias: TensorPlace) {
    self.inputs = inputs
    self.weight = weight
    self.bias = bias
    output = ImageShape(channels: bias.count, height: 1, width: 1)
  }

  private func check(_ status: Int32) throws(NeuralNetworkError) {
    if status != 0 { throw .library(status, layer: "a linear layer") }
  }

  func forward(
    _ pass: TrainingPass, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    kept: UnsafeMutablePointer<Float>
  ) throws(NeuralNetworkError) {
    let outputs = output.channels
    for item in 0..<pass.items {
      (y + item * outputs).update(from: pass.parameters + bias.offset, count: outputs)
    }
    try check(
      onednn_product(
        0, 1, Int64(pass.items), Int64(outputs), Int64(inputs), x,
        pass.parameters + weight.offset, 1, y))
  }

  func backward(
    _ pass: TrainingPass, _ place: StagePlace, gradient: UnsafePointer<Float>,
    result: UnsafeMutablePointer<Float>?
  ) throws(NeuralNetworkError) {
    let outputs = output.channels
    try check(
      onednn_product(
        1, 0, Int64(outputs), Int64(inputs), Int64(pass.items), gradient, place.x, 1,
        pass.gradients + weight.offset))
    for item in 0..<pass.items {
      for index in 0..<outputs {
        pass.gradients[bias.offset + index] += gradient[item * outputs + index]
      }
    }
    guard let result else { return }
    try check(
      onednn_product(
        0, 0, Int64(pass.items), Int64(inputs), Int64(outputs), gradient,
        pass.parameters + weight.offset, 0, result))
  }

  func inference(
    _ parameters: UnsafePointer<Float>, in plan: NetworkPlan
  ) throws(NeuralNetworkError) -> InferenceStep {
    let layer = try Linear(
      inputs: inputs, outputs: output.channels, weights: Array(parameters, weight.range),
      bias: Array(parameters, bias.range), in: plan)
    return { x, y, executor in layer.run(x, y, rows: 1, on: executor) }
  }
}
