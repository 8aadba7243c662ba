// SPDX-License-Identifier: MIT
internal import MixCore
internal import COneDNN
import Foundation

/// A chain of layers that can be trained.
///
/// Definitions, initial distributions and names of tensors are those of PyTorch's `Sequential` of the
/// same layers. A step of training is ``clearGradients()``, ``forward(_:items:isTraining:)``,
/// ``backward(_:needsInputGradient:)`` with the gradient of a loss, and ``Adam/step(_:)``. For a given
/// seed and number of threads it gives the same numbers in every run on a processor.
///
/// Used by one task at a time. It keeps the activations of the largest batch it has seen.
public final class TrainableNetwork {
  /// The size of an item.
  public let input: (channels: Int, height: Int, width: Int)
  public let layers: [Layer]
  /// Values of the result for each item.
  public let outputCount: Int
  /// Threads that work on a batch.
  public let threadCount: Int
  /// Batches that have been trained with; masks of dropout depend on it and the seed.
  ///
  /// To resume an interrupted training, set it to what it was.
  public var passCount = 0

  let places: [TensorPlace]
  /// All tensors, as the table says.
  let parameters: Arena
  /// Of the learned tensors, at the same places.
  let gradients: Arena
  /// Changes whenever a tensor does.
  private var revision = 0

  private let shape: ImageShape
  private let stages: [any TrainingStage]
  private let seed: UInt64
  private let kernels: KernelSet
  private var memory: TrainingMemory?
  /// Of the batch that went forward, until it has gone backward.
  private var pass: TrainingPass?
  private var inference: (network: InferenceNetwork, revision: Int)?

  /// - Parameters:
  ///   - input: The size of an item, each at least 1; a row of features has height and width 1.
  ///   - seed: Of the initial weights and of dropout.
  ///   - threadCount: By default the number of processors.
  /// - Throws: `unsupported` where a layer does not fit what comes before it, `memory`.
  public init(
    input: (channels: Int, height: Int, width: Int), layers: [Layer], seed: UInt64,
    threadCount: Int? = nil, kernels: KernelSet = .best
  ) throws(NeuralNetworkError) {
    self.input = input
    self.layers = layers
    self.seed = seed
    self.threadCount = max(1, threadCount ?? ProcessInfo.processInfo.activeProcessorCount)
    self.kernels = kernels
    shape = ImageShape(channels: input.channels, height: input.height, width: input.width)
    let builder = try NetworkBuilder(input: shape, layers: layers)
    stages = builder.stages
    places = builder.places
    outputCount = builder.shape.count
    parameters = try Arena(count: builder.memory.count)
    gradients = try Arena(count: builder.memory.count)
    builder.initialize(parameters.base, seed: seed)
  }

  // MARK: - Passes

  /// The result for a batch.
  ///
  /// While training, batch normalisation uses the statistics of the batch and adds them to the
  /// running ones, and dropout is on. Otherwise the result for an item is the same whatever its
  /// batch.
  ///
  /// - Parameter input: (items, channels, height, width)
  /// - Returns: (items, outputCount)
  /// - Throws: `malformed` where the input has another size, `unsupported` where batch normalisation
  ///   has only one value, `memory`, `library`.
  public func forward(
    _ input: [Float], items: Int, isTraining: Bool
  ) throws(NeuralNetworkError) -> [Float] {
    guard items > 0, items <= Int.max / shape.count, input.count == items * shape.count else {
      throw NeuralNetworkError(
        .malformed,
        "A batch of \(items) items of \(shape.channels) × \(shape.height) × \(shape.width) values "
          + "cannot have \(input.count) values.")
    }
    return isTraining ? try train(input, items: items) : try infer(input, items: items)
  }

  private func train(_ input: [Float], items: Int) throws(NeuralNetworkError) -> [Float] {
    self.pass = nil
    let memory = try memory(for: items)
    var mixer = SplitMix64(seed: seed)
    let pass = TrainingPass(
      items: items, threadCount: threadCount, kernels: kernels, parameters: parameters.base,
      gradients: gradients.base, seed: mixer.next() &+ UInt64(passCount))
    passCount += 1
    changed()
    onednn_set_thread_count(Int32(threadCount))
    input.withUnsafeBufferPointer { input in
      guard let x = input.baseAddress else { return }
      for item in 0..<items {
        shape.channelsLast(x + item * shape.count, memory.activation(0) + item * shape.count)
      }
    }
    for (index, stage) in stages.enumerated() {
      try stage.forward(
        pass, memory.activation(index), memory.activation(index + 1), kept: memory.kept(index))
    }
    self.pass = pass
    return Array(memory.activation(stages.count), 0..<items * outputCount)
  }

  private func infer(_ input: [Float], items: Int) throws(NeuralNetworkError) -> [Float] {
    let network: InferenceNetwork
    if let inference, inference.revision == revision {
      network = inference.network
    } else {
      network = try InferenceNetwork(
        shape, stages, parameters.base, threadCount: threadCount, kernels: kernels)
      inference = (network, revision)
    }
    var output = [Float](repeating: 0, count: items * outputCount)
    try input.withUnsafeBufferPointer { x throws(NeuralNetworkError) in
      try output.withUnsafeMutableBufferPointer { y throws(NeuralNetworkError) in
        guard let x = x.baseAddress, let y = y.baseAddress else { return }
        try network.run(x, y, items: items)
      }
    }
    return output
  }

  /// Adds to the gradients of all parameters, for the batch that went forward last with `isTraining`;
  /// once for each.
  ///
  /// - Parameters:
  ///   - outputGradient: Of the loss in the result, (items, outputCount).
  ///   - needsInputGradient: Whether that of the input is computed, which takes time.
  /// - Returns: The gradient of the input, (items, channels, height, width), or nothing.
  /// - Throws: `malformed` where the gradient has another size or no batch went forward, `library`.
  @discardableResult
  public func backward(
    _ outputGradient: [Float], needsInputGradient: Bool = true
  ) throws(NeuralNetworkError) -> [Float] {
    guard let pass, let memory else {
      throw NeuralNetworkError(
        .malformed, "There is no batch to go back: let one go forward with “isTraining” first.")
    }
    guard outputGradient.count == pass.items * outputCount else {
      throw NeuralNetworkError(
        .malformed,
        "The gradient of \(pass.items) × \(outputCount) results cannot have "
          + "\(outputGradient.count) values.")
    }
    self.pass = nil
    onednn_set_thread_count(Int32(threadCount))
    outputGradient.withUnsafeBufferPointer { gradient in
      guard let base = gradient.baseAddress else { return }
      memory.gradient(stages.count).update(from: base, count: gradient.count)
    }
    for (index, stage) in stages.enumerated().reversed() {
      let place = StagePlace(
        x: memory.activation(index), y: memory.activation(index + 1), kept: memory.kept(index))
      try stage.backward(
        pass, place, gradient: memory.gradient(index + 1),
        result: index > 0 || needsInputGradient ? memory.gradient(index) : nil)
    }
    guard needsInputGradient else { return [] }
    let count = shape.count
    return [Float](unsafeUninitializedCapacity: pass.items * count) { buffer, initialized in
      guard let base = buffer.baseAddress else { return }
      for item in 0..<pass.items {
        shape.channelsFirst(memory.gradient(0) + item * count, base + item * count)
      }
      initialized = pass.items * count
    }
  }

  private func memory(for items: Int) throws(NeuralNetworkError) -> TrainingMemory {
    if let memory, memory.capacity >= items { return memory }
    memory = nil
    let made = try TrainingMemory(shape, stages, capacity: items)
    memory = made
    return made
  }

  // MARK: - Tensors

  /// Sets the gradients of all parameters to zero.
  public func clearGradients() { gradients.base.update(repeating: 0, count: gradients.count) }

  /// To be called after a tensor has changed.
  func changed() { revision &+= 1 }

  /// Parameters and running statistics, in PyTorch's order, layouts and names: `0.weight` is the
  /// weight of layer 0.
  public var tensors: [NamedTensor] {
    places.map { place in
      NamedTensor(
        name: place.name, shape: place.shape, values: Array(parameters.base, place.range))
    }
  }

  /// The gradients of the parameters, as ``tensors`` lists these.
  public var parameterGradients: [NamedTensor] {
    places.filter(\.isParameter).map { place in
      NamedTensor(
        name: place.name, shape: place.shape, values: Array(gradients.base, place.range))
    }
  }

  /// Takes over all parameters and running statistics; tensors of other names are passed over.
  ///
  /// - Throws: `malformed` where one is missing, given twice, of another shape or not finite; then
  ///   nothing has changed.
  public func load(_ tensors: [NamedTensor]) throws(NeuralNetworkError) {
    let book = try TensorBook(tensors)
    var values: [[Float]] = []
    for place in places { values.append(try book.values(of: place.name, shape: place.shape)) }
    for (place, values) in zip(places, values) {
      for (index, value) in zip(place.range, values) { parameters.base[index] = value }
    }
    pass = nil
    changed()
  }
}
