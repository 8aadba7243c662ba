// SPDX-License-Identifier: MIT
internal import COneDNN

/// oneDNN's operations of a convolution for one number of items, with the memory they need.
private final class BatchOperations {
  let handle: OpaquePointer
  let scratch: Arena

  init(
    _ shape: onednn_convolution_shape, items: Int, threadCount: Int
  ) throws(NeuralNetworkError) {
    onednn_set_thread_count(Int32(threadCount))
    var handle: OpaquePointer?
    var sizes = shape
    let status = onednn_training_convolution_create(&handle, &sizes, Int64(items))
    guard status == 0, let handle else { throw .library(status, layer: "a convolution") }
    self.handle = handle
    let bytes = onednn_training_convolution_scratchpad_size(handle)
    do {
      scratch = try Arena(count: bytes / MemoryLayout<Float>.stride + 1)
    } catch {
      onednn_training_convolution_destroy(handle)
      throw error
    }
  }

  deinit { onednn_training_convolution_destroy(handle) }
}

/// A convolution with a square kernel, without padding.
final class BatchConvolution: TrainingStage {
  let output: ImageShape
  private let input: ImageShape
  private let kernel: Int
  private let weight: TensorPlace
  private let bias: TensorPlace
  /// By number of items.
  private var operations: [Int: BatchOperations] = [:]
  private let ownGradients: Arena

  /// As many numbers of items as groups of two to eight stems make batches of.
  private static let operationLimit = 64

  init(
    _ input: ImageShape, kernel: Int, weight: TensorPlace, bias: TensorPlace
  ) throws(NeuralNetworkError) {
    self.input = input
    self.kernel = kernel
    self.weight = weight
    self.bias = bias
    output = ImageShape(
      channels: bias.count, height: input.height - kernel + 1, width: input.width - kernel + 1)
    ownGradients = try Arena(count: weight.count + bias.count)
  }

  private func operations(_ pass: TrainingPass) throws(NeuralNetworkError) -> BatchOperations {
    if let known = operations[pass.items] { return known }
    if operations.count >= Self.operationLimit { operations.removeAll() }
    let shape = onednn_convolution_shape(
      height: Int64(input.height), width: Int64(input.width),
      input_channels: Int64(input.channels), output_channels: Int64(output.channels),
      kernel_height: Int64(kernel), kernel_width: Int64(kernel), stride_height: 1,
      stride_width: 1, dilation_height: 1, dilation_width: 1, padding_top: 0, padding_bottom: 0,
      padding_left: 0, padding_right: 0, groups: 1)
    let made = try BatchOperations(shape, items: pass.items, threadCount: pass.threadCount)
    operations[pass.items] = made
    return made
  }

  private func check(_ status: Int32) throws(NeuralNetworkError) {
    if status != 0 { throw .library(status, layer: "a convolution") }
  }

  func forward(
    _ pass: TrainingPass, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    kept: UnsafeMutablePointer<Float>
  ) throws(NeuralNetworkError) {
    let operations = try operations(pass)
    try check(
      onednn_training_convolution_forward(
        operations.handle, x, pass.parameters + weight.offset, pass.parameters + bias.offset, y,
        operations.scratch.base))
  }

  func backward(
    _ pass: TrainingPass, _ place: StagePlace, gradient: UnsafePointer<Float>,
    result: UnsafeMutablePointer<Float>?
  ) throws(NeuralNetworkError) {
    let operations = try operations(pass)
    let weightGradient = ownGradients.base
    let biasGradient = weightGradient + weight.count
    try check(
      onednn_training_convolution_backward_weights(
        operations.handle, place.x, gradient, weightGradient, biasGradient,
        operations.scratch.base))
    for index in 0..<weight.count {
      pass.gradients[weight.offset + index] += weightGradient[index]
    }
    for index in 0..<bias.count { pass.gradients[bias.offset + index] += biasGradient[index] }
    guard let result else { return }
    try check(
      onednn_training_convolution_backward_data(
        operations.handle, gradient, pass.parameters + weight.offset, result,
        operations.scratch.base))
  }

  func inference(
    _ parameters: UnsafePointer<Float>, in plan: NetworkPlan
  ) throws(NeuralNetworkError) -> InferenceStep {
    var shape = Convolution2D.Shape(
      height: input.height, width: input.width, inputChannels: input.channels,
      outputChannels: output.channels)
    shape.kernel = (kernel, kernel)
    let layer = try Convolution2D(
      shape, weights: Array(parameters, weight.range), bias: Array(parameters, bias.range),
      in: plan)
    return { x, y, executor in layer.run(x, y, on: executor) }
  }
}

extension [Float] {
  /// A copy of a part of a block.
  init(_ block: UnsafePointer<Float>, _ range: Range<Int>) {
    self.init(UnsafeBufferPointer(start: block + range.lowerBound, count: range.count))
  }
}
