// SPDX-License-Identifier: MIT
import NeuralNetwork
import Testing

/// Layers against PyTorch, on every instruction set.
@Suite struct LayerTests {
  let fixtures: LayerFixtures

  init() throws { fixtures = try LayerFixtures() }

  @Test(arguments: plans, ["dense", "strided", "dilated", "depthwise"])
  func aConvolutionIsPyTorchs(_ options: PlanOptions, name: String) throws {
    let weights = try fixtures["convolution.\(name).weight"]
    let weightShape = try fixtures.shape("convolution.\(name).weight")
    let expected = try fixtures["convolution.\(name).output"]
    let input = try fixtures["convolution.input"]
    var shape = Convolution2D.Shape(
      height: 12, width: 9, inputChannels: 6, outputChannels: weightShape[0])
    shape.kernel = (weightShape[2], weightShape[3])
    switch name {
    case "dense": shape.padding = (1, 1, 1, 1)
    case "strided": shape.stride = (4, 1)
    case "dilated": (shape.dilation, shape.padding) = ((1, 2), (1, 1, 2, 2))
    default: (shape.groups, shape.padding) = (6, (0, 0, 1, 1))
    }
    let plan = options.plan
    let layer = try Convolution2D(
      shape, weights: weights, bias: try fixtures["convolution.\(name).bias"], in: plan)
    let executor = try Executor(plan)
    executor.begin()
    let result = output(expected.count) { layer.run(input, $0, on: executor) }
    #expect(relativeError(result, expected) < 1e-6)
    #expect(executor.status == 0)
  }

  @Test(arguments: plans)
  func aConvolutionCanAddToItsOutput(_ options: PlanOptions) throws {
    var shape = Convolution2D.Shape(height: 12, width: 9, inputChannels: 6, outputChannels: 10)
    (shape.kernel, shape.padding) = ((3, 3), (1, 1, 1, 1))
    let plan = options.plan
    let layer = try Convolution2D(
      shape, weights: try fixtures["convolution.dense.weight"],
      bias: try fixtures["convolution.dense.bias"], accumulates: true, in: plan)
    let input = try fixtures["convolution.input"]
    let expected = try fixtures["convolution.dense.output"].map { $0 + 3 }
    let executor = try Executor(plan)
    executor.begin()
    let result = output(expected.count) {
      $0.update(repeating: 3, count: expected.count)
      layer.run(input, $0, on: executor)
    }
    #expect(relativeError(result, expected) < 1e-6)
  }

  @Test(arguments: plans, [("same", 1), ("patches", 4), ("overlap", 2), ("gaps", 3)])
  func aTransposedConvolutionIsPyTorchsCutToLength(
    _ options: PlanOptions, layer parameters: (name: String, stride: Int)
  ) throws {
    let name = "transposed.\(parameters.name)"
    let kernel = try fixtures.shape("\(name).weight")[2]
    let full = try fixtures["\(name).output"]
    let rows = try fixtures.shape("\(name).output")[0]
    let input = try fixtures["transposed.input"]
    for (trim, kept) in [(0, rows), (1, rows - 2), (2, 1)] {
      let plan = options.plan
      let layer = try ConvolutionTranspose(
        rows: 5, columns: 7, inputChannels: 6, outputChannels: 11, kernel: kernel,
        stride: parameters.stride, trim: trim, outputRows: kept,
        weights: try fixtures["\(name).weight"], bias: try fixtures["\(name).bias"], in: plan)
      let executor = try Executor(plan)
      executor.begin()
      let result = output(kept * 77) { layer.run(input, $0, on: executor) }
      #expect(relativeError(result, Array(full[trim * 77..<(trim + kept) * 77])) < 1e-6)
    }
  }

  @Test(arguments: plans)
  func aLinearLayerIsPyTorchs(_ options: PlanOptions) throws {
    let plan = options.plan
    let layer = try Linear(
      inputs: 13, outputs: 9, weights: try fixtures["linear.weight"],
      bias: try fixtures["linear.bias"], in: plan)
    let input = try fixtures["linear.input"]
    let executor = try Executor(plan)
    executor.begin()
    let result = output(21 * 9) { layer.run(input, $0, rows: 21, on: executor) }
    #expect(relativeError(result, try fixtures["linear.output"]) < 1e-6)
  }

  /// Sizes that fill no block, and others that take several chunks of inputs.
  @Test(arguments: plans, [Finish.write, .accumulate, .gelu])
  func aLargeLinearLayerIsPyTorchs(_ options: PlanOptions, finish: Finish) throws {
    let plan = options.plan
    let layer = try Linear(
      inputs: 1000, outputs: 37, weights: try fixtures["large.weight"],
      bias: try fixtures["large.bias"], finish: finish, in: plan)
    let input = try fixtures["large.input"]
    let executor = try Executor(plan)
    executor.begin()
    let result = output(107 * 37) {
      $0.update(repeating: 3, count: 107 * 37)
      layer.run(input, $0, rows: 107, on: executor)
    }
    let expected =
      switch finish {
      case .write: try fixtures["large.output"]
      case .accumulate: try fixtures["large.output"].map { $0 + 3 }
      case .gelu: try fixtures["large.gelu"]
      }
    #expect(relativeError(result, expected) < 2e-6)
  }

  @Test(arguments: plans, ["strided", "dilated", "gated", "short"])
  func aConvolutionAlongFramesIsPyTorchs(_ options: PlanOptions, name: String) throws {
    let plan = options.plan
    let input = try fixtures["frames.\(name).input"]
    let expected = try fixtures["frames.\(name).output"]
    var shape = FrameConvolution.Shape(
      frames: input.count / 5, inputChannels: 5, outputChannels: 9)
    switch name {
    case "strided": (shape.kernel, shape.stride, shape.padding) = (8, 4, 2)
    case "dilated": (shape.kernel, shape.dilation, shape.padding) = (3, 2, 2)
    case "gated": (shape.kernel, shape.padding, shape.isGated) = (3, 1, true)
    default: (shape.kernel, shape.dilation, shape.padding) = (3, 4, 4)
    }
    shape.outputFrames = expected.count / 9
    let layer = try FrameConvolution(
      shape, weights: try fixtures["frames.\(name).weight"],
      bias: try fixtures["frames.\(name).bias"], in: plan)
    let executor = try Executor(plan)
    executor.begin()
    let result = output(expected.count) { layer.run(input, $0, on: executor) }
    #expect(relativeError(result, expected) < 1e-6)
  }

  @Test(arguments: plans)
  func aConvolutionAlongRowsIsPyTorchs(_ options: PlanOptions) throws {
    let plan = options.plan
    let layer = try RowConvolution(
      rows: 12, columns: 9, inputChannels: 6, outputChannels: 5, kernel: 8, stride: 4, padding: 2,
      weights: try fixtures["rows.weight"], bias: try fixtures["rows.bias"], in: plan)
    let input = try fixtures["convolution.input"]
    let executor = try Executor(plan)
    executor.begin()
    let result = output(3 * 9 * 5) {
      for row in 0..<3 { layer.run(input, row: row, $0 + row * 45, on: executor) }
    }
    #expect(relativeError(result, try fixtures["rows.output"]) < 1e-6)
  }

  /// Rows and frames that are no multiples of a tile, channels that are none of a vector.
  @Test(arguments: plans, [false, true])
  func aGatedConvolutionIsPyTorchs(_ options: PlanOptions, hasSkip: Bool) throws {
    let plan = options.plan
    let layer = try GatedConvolution(
      rows: 10, frames: 23, inputChannels: 13, outputChannels: 19,
      weights: try fixtures["square.weight"], bias: try fixtures["square.bias"], in: plan)
    let input = try fixtures["square.input"]
    let half = input.map { $0 / 2 }
    let expected = try fixtures["square.output"]
    let executor = try Executor(plan)
    executor.begin()
    let result = output(expected.count) {
      if hasSkip {
        layer.run(half, adding: half, $0, on: executor)
      } else {
        layer.run(input, $0, on: executor)
      }
    }
    #expect(relativeError(result, expected) < 2e-6)
  }

  @Test(arguments: plans, [("small", 5, 7), ("wide", 16, 24)])
  func anLSTMIsPyTorchsAlongEitherAxis(
    _ options: PlanOptions, layer parameters: (name: String, inputs: Int, units: Int)
  ) throws {
    let name = "lstm.\(parameters.name)"
    func direction(_ suffix: String) throws -> BidirectionalLSTM.Weights {
      BidirectionalLSTM.Weights(
        inputWeight: try fixtures["\(name).weight_ih_l0\(suffix)"],
        recurrentWeight: try fixtures["\(name).weight_hh_l0\(suffix)"],
        inputBias: try fixtures["\(name).bias_ih_l0\(suffix)"],
        recurrentBias: try fixtures["\(name).bias_hh_l0\(suffix)"])
    }
    let input = try fixtures["\(name).input"]
    for (axis, key) in [(BidirectionalLSTM.Axis.rows, "rows"), (.columns, "columns")] {
      let plan = options.plan
      let layer = try BidirectionalLSTM(
        rows: 10, columns: 8, inputs: parameters.inputs, units: parameters.units, along: axis,
        forward: try direction(""), backward: try direction("_reverse"), in: plan)
      let executor = try Executor(plan)
      executor.begin()
      let result = output(80 * 2 * parameters.units) { layer.run(input, $0, on: executor) }
      #expect(relativeError(result, try fixtures["\(name).\(key)"]) < 1e-6)
    }
  }

  @Test(arguments: plans)
  func aNormIsPyTorchs(_ options: PlanOptions) throws {
    let input = try fixtures["norm.input"]
    for (key, activation) in [
      ("norm.output", GroupNorm.Activation.none), ("norm.swish", .swish), ("norm.gelu", .gelu),
    ] {
      let norm = try GroupNorm(
        channels: 12, weight: try fixtures["norm.weight"], bias: try fixtures["norm.bias"],
        activation: activation)
      let executor = try Executor(options.plan)
      executor.begin()
      let result = output(input.count) {
        norm.run(input, $0, examples: 4, rows: 11, on: executor)
      }
      #expect(relativeError(result, try fixtures[key]) < 1e-6)
    }
  }

  @Test(arguments: plans)
  func aNormOfGroupsIsPyTorchs(_ options: PlanOptions) throws {
    let input = try fixtures["norm.input"]
    let norm = try GroupNorm(
      channels: 12, groups: 3, weight: try fixtures["norm.weight"],
      bias: try fixtures["norm.bias"])
    let executor = try Executor(options.plan)
    executor.begin()
    let result = output(input.count) {
      norm.run(input, $0, examples: 4, rows: 11, on: executor)
    }
    #expect(relativeError(result, try fixtures["norm.grouped"]) < 1e-6)
  }

  @Test(arguments: plans)
  func aNormOfRowsIsPyTorchs(_ options: PlanOptions) throws {
    let input = try fixtures["norm.input"]
    let norm = try LayerNorm(
      channels: 12, weight: try fixtures["norm.weight"], bias: try fixtures["norm.bias"])
    let executor = try Executor(options.plan)
    executor.begin()
    let result = output(input.count) { norm.run(input, $0, rows: 44, on: executor) }
    #expect(relativeError(result, try fixtures["norm.rows"]) < 1e-6)
  }

  @Test(arguments: plans)
  func aGatedNormAddsToItsOutput(_ options: PlanOptions) throws {
    let input = try fixtures["gated.input"]
    let expected = try fixtures["gated.output"].map { $0 + 3 }
    let plan = options.plan
    let norm = try GatedNorm(
      inputs: 5, channels: 11, layerWeight: try fixtures["gated.layer.weight"],
      layerBias: try fixtures["gated.layer.bias"], weight: try fixtures["gated.norm.weight"],
      bias: try fixtures["gated.norm.bias"], gain: try fixtures["gated.gain"], in: plan)
    let executor = try Executor(plan)
    executor.begin()
    let result = output(expected.count) {
      $0.update(repeating: 3, count: expected.count)
      norm.run(input, addingTo: $0, frames: 301, on: executor)
    }
    #expect(relativeError(result, expected) < 1e-6)
  }

  @Test(arguments: plans, [("output", Finish.write), ("gelu", .gelu)])
  func aTransposedConvolutionAlongFramesIsPyTorchs(
    _ options: PlanOptions, _ parameters: (name: String, finish: Finish)
  ) throws {
    let plan = options.plan
    let layer = try ConvolutionTranspose1D(
      frames: 11, inputChannels: 5, outputChannels: 7, kernel: 8, stride: 4,
      weights: try fixtures["upsampling.weight"], bias: try fixtures["upsampling.bias"],
      finish: parameters.finish, in: plan)
    let executor = try Executor(plan)
    executor.begin()
    let input = try fixtures["upsampling.input"]
    let expected = try fixtures["upsampling.\(parameters.name)"]
    #expect(layer.outputFrames == 48)
    let result = output(expected.count) { layer.run(input, $0, on: executor) }
    #expect(relativeError(result, expected) < 1e-6)
    #expect(executor.status == 0)
  }

  @Test(arguments: plans, ["plain", "decayed"])
  func attentionIsPyTorchs(_ options: PlanOptions, name: String) throws {
    let plan = options.plan
    let layer = try Attention(
      queries: 199, keys: 523, heads: 2, width: 21, queryStride: 42, keyStride: 84,
      outputStride: 42, in: plan)
    let executor = try Executor(plan)
    executor.begin()
    let queries = try fixtures["attention.queries"]
    let keys = try fixtures["attention.keys"]
    let values = Array(keys[42...])
    let slopes = try fixtures["attention.slopes"]
    let expected = try fixtures["attention.\(name)"]
    let result = slopes.withUnsafeBufferPointer { slopes in
      output(expected.count) {
        layer.run(
          queries: queries, keys: keys, values: values, $0,
          slopes: name == "decayed" ? slopes.baseAddress : nil, on: executor)
      }
    }
    #expect(relativeError(result, expected) < 1e-6)
    #expect(executor.status == 0)
  }

  @Test(arguments: plans)
  func interleavedAudioIsAddedToPlanes(_ options: PlanOptions) throws {
    let executor = try Executor(options.plan)
    executor.begin()
    let input = (0..<3 * 700).map { Float($0) }
    let result = output(3 * 800) {
      $0.update(repeating: 1, count: 3 * 800)
      executor.addInterleaved(
        input, to: $0, frames: 700, channels: 3, stride: 800, scale: 2, shift: 5)
    }
    for channel in 0..<3 {
      for frame in 0..<800 {
        let expected = frame < 700 ? Float(2 * (frame * 3 + channel) + 6) : 1
        #expect(result[channel * 800 + frame] == expected)
      }
    }
  }

  @Test(arguments: plans)
  func theGELUIsTheExactOne(_ options: PlanOptions) throws {
    let input = try fixtures["gelu.input"]
    let expected = try fixtures["gelu.output"]
    let executor = try Executor(options.plan)
    executor.begin()
    let result = output(input.count) { executor.gelu(input, $0, count: input.count) }
    for (value, reference) in zip(result, expected) { #expect(abs(value - reference) < 1e-6) }
  }

  @Test(arguments: plans, [3, 4, 8, 20])
  func aGLUIsPyTorchs(_ options: PlanOptions, channels: Int) throws {
    let input = try fixtures["glu.\(channels).input"]
    let executor = try Executor(options.plan)
    executor.begin()
    let result = output(17 * channels) {
      executor.glu(input, $0, rows: 17, channels: channels)
    }
    #expect(relativeError(result, try fixtures["glu.\(channels).output"]) < 1e-6)
  }

  @Test(arguments: plans)
  func compressionKeepsThePhase(_ options: PlanOptions) throws {
    let input = try fixtures["compress.input"]
    let expected = try fixtures["compress.output"]
    let executor = try Executor(options.plan)
    executor.begin()
    let result = output(input.count) {
      executor.compress(input, $0, count: input.count / 2, power: 0.3)
    }
    for (value, reference) in zip(result, expected) {
      #expect(abs(value - reference) < 2e-6 * abs(reference))
    }
  }

  @Test(arguments: plans)
  func sharedMasksSumToOne(_ options: PlanOptions) throws {
    let input = try fixtures["share.input"]
    let executor = try Executor(options.plan)
    executor.begin()
    let result = output(input.count) {
      $0.update(from: input, count: input.count)
      executor.share($0, positions: 7, sources: 3)
    }
    #expect(relativeError(result, try fixtures["share.output"]) < 1e-6)
  }

  @Test(arguments: plans)
  func momentsAreThoseOfTheWholeBlock(_ options: PlanOptions) throws {
    // 1000 + 0, 1, 2, ..., 6, 0, 1, ...: mean 1003, variance 4 over whole periods.
    let values = (0..<7 * 1001).map { Float(1000 + $0 % 7) }
    let (mean, variance) = try Executor(options.plan).moments(values, count: values.count)
    #expect(abs(mean - 1003) < 1e-4)
    #expect(abs(variance - 4) < 1e-4)
  }

  @Test func weightsOfTheWrongCountAreRefused() {
    #expect(throws: NeuralNetworkError.self) {
      try Linear(inputs: 2, outputs: 2, weights: [1], bias: [0, 0], in: NetworkPlan())
    }
    #expect(throws: NeuralNetworkError.self) {
      try GroupNorm(channels: 100_000, weight: [], bias: [])
    }
    #expect(throws: NeuralNetworkError.self) {
      var shape = Convolution2D.Shape(height: 2, width: 2, inputChannels: 1, outputChannels: 1)
      shape.kernel = (3, 1)
      return try Convolution2D(shape, weights: [1, 1, 1], bias: [0], in: NetworkPlan())
    }
  }
}
