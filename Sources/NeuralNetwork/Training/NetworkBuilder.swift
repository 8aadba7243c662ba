// SPDX-License-Identifier: MIT
internal import MixCore

/// Turns layers into stages and lays out their tensors.
struct NetworkBuilder {
  private(set) var stages: [any TrainingStage] = []
  private(set) var places: [TensorPlace] = []
  /// What each tensor holds at first, by place: uniform within ± this, or this value.
  private(set) var initial: [InitialValues] = []
  private(set) var memory = ArenaPlan()
  private(set) var shape: ImageShape

  enum InitialValues {
    case uniform(bound: Float)
    case constant(Float)
  }

  /// Of an activation of one item, and of all parameters of a layer.
  private static let largestCount = 1 << 28

  init(input: ImageShape, layers: [TrainableNetwork.Layer]) throws(NeuralNetworkError) {
    shape = input
    let sizes = [input.channels, input.height, input.width]
    guard sizes.allSatisfy({ (1...1 << 20).contains($0) }), input.count <= Self.largestCount else {
      throw NeuralNetworkError(
        .unsupported, "A network cannot have an input of \(Self.words(input)).")
    }
    guard !layers.isEmpty else {
      throw NeuralNetworkError(.unsupported, "A network needs at least one layer.")
    }
    var index = 0
    while index < layers.count {
      let isRectified =
        layers[index] == .batchNorm && index + 1 < layers.count && layers[index + 1] == .relu
      try add(layers[index], index: index, rectifies: isRectified)
      index += isRectified ? 2 : 1
    }
    if shape.area > 1 { append(Flatten(shape)) }
  }

  private static func words(_ shape: ImageShape) -> String {
    "\(shape.channels) × \(shape.height) × \(shape.width) (channels, height, width)"
  }

  private mutating func append(_ stage: some TrainingStage) {
    stages.append(stage)
    shape = stage.output
  }

  private mutating func add(
    _ layer: TrainableNetwork.Layer, index: Int, rectifies: Bool
  ) throws(NeuralNetworkError) {
    let shape = self.shape
    func refuse(_ why: String) -> NeuralNetworkError {
      NeuralNetworkError(
        .unsupported,
        "Layer \(index), \(layer), cannot follow an activation of \(Self.words(shape)): \(why).")
    }
    switch layer {
    case .convolution(let channels, let kernel):
      guard channels > 0, channels <= 1 << 16, kernel > 0 else {
        throw refuse("it needs at least one channel, and a kernel of at least 1")
      }
      guard kernel <= min(shape.height, shape.width) else {
        throw refuse("its kernel is larger")
      }
      let output = ImageShape(
        channels: channels, height: shape.height - kernel + 1, width: shape.width - kernel + 1)
      guard output.count <= Self.largestCount,
        channels * shape.channels <= Self.largestCount / (kernel * kernel)
      else { throw refuse("it is too large") }
      let (weight, bias) = addWeights(
        index, shape: [channels, shape.channels, kernel, kernel])
      try append(BatchConvolution(shape, kernel: kernel, weight: weight, bias: bias))
    case .batchNorm:
      let names = ["weight", "bias", "running_mean", "running_var"]
      let tensors = names.enumerated().map { number, name in
        addTensor(
          "\(index).\(name)", [shape.channels], .constant(number % 3 == 0 ? 1 : 0),
          isParameter: number < 2)
      }
      try append(
        BatchNormalization(
          shape, weight: tensors[0], bias: tensors[1], runningMean: tensors[2],
          runningVariance: tensors[3], rectifies: rectifies))
    case .relu: append(Elementwise(shape, .rectifier))
    case .tanh: append(Elementwise(shape, .tanh))
    case .maxPool(let size):
      guard size > 0 else { throw refuse("its windows have no size") }
      guard size <= min(shape.height, shape.width) else { throw refuse("its windows are larger") }
      append(MaximumPool(shape, size: size))
    case .globalAveragePool: append(GlobalAveragePool(shape))
    case .flatten: append(Flatten(shape))
    case .dropout(let probability):
      guard probability >= 0, probability < 1 else {
        throw refuse("a probability lies in 0..<1")
      }
      append(Dropout(shape, probability: probability, layer: index))
    case .linear(let outputs):
      guard outputs > 0 else { throw refuse("it needs at least one output") }
      guard shape.area == 1 else {
        throw refuse("it takes one row of features; put “flatten” before it")
      }
      guard outputs <= Self.largestCount / shape.channels else { throw refuse("it is too large") }
      let (weight, bias) = addWeights(index, shape: [outputs, shape.channels])
      append(BatchLinear(inputs: shape.channels, weight: weight, bias: bias))
    }
  }

  /// Weight and bias, at first as in PyTorch: He et al., "Delving deep into rectifiers" (2015),
  /// uniform, for a leaky rectifier of slope √5, which makes the bound 1 / √inputs.
  private mutating func addWeights(
    _ index: Int, shape: [Int]
  ) -> (weight: TensorPlace, bias: TensorPlace) {
    let inputs = shape.dropFirst().reduce(1, *)
    let initial = InitialValues.uniform(bound: 1 / Float(inputs).squareRoot())
    return (
      addTensor("\(index).weight", shape, initial, isParameter: true),
      addTensor("\(index).bias", [shape[0]], initial, isParameter: true)
    )
  }

  private mutating func addTensor(
    _ name: String, _ shape: [Int], _ values: InitialValues, isParameter: Bool
  ) -> TensorPlace {
    let place = TensorPlace(
      name: name, shape: shape, offset: memory.reserve(shape.reduce(1, *)),
      isParameter: isParameter)
    places.append(place)
    initial.append(values)
    return place
  }

  /// Writes what the tensors hold at first.
  func initialize(_ parameters: UnsafeMutablePointer<Float>, seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    for (place, values) in zip(places, initial) {
      for index in place.range {
        switch values {
        case .uniform(let bound): parameters[index] = bound * (2 * generator.nextUnit() - 1)
        case .constant(let value): parameters[index] = value
        }
      }
    }
  }
}
