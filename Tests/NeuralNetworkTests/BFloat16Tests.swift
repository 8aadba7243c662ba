// SPDX-License-Identifier: MIT
import NeuralNetwork
import Testing

/// Products in bfloat16 against the definition: both factors rounded to eight bits, sums exact.
@Suite struct BFloat16Tests {
  /// To the nearest number of eight bits, to the even one of two.
  private func rounded(_ value: Float) -> Double {
    guard value != 0 else { return 0 }
    let step = (value.exponent >= -126 ? Double(value.ulp) : 0) * 65_536
    return (Double(value) / step).rounded(.toNearestOrEven) * step
  }

  private func noise(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int64(bitPattern: state) >> 40) / 8_388_608
    }
  }

  @Test(arguments: plans, [(107, 1000, 37), (5, 1, 3), (61, 33, 16)])
  func aLinearLayer(_ options: PlanOptions, size: (rows: Int, inputs: Int, outputs: Int)) throws {
    let (rows, inputs, outputs) = size
    let weights = noise(inputs * outputs, seed: 1)
    let bias = noise(outputs, seed: 2)
    let input = noise(rows * inputs, seed: 3)
    let plan = NetworkPlan(
      threadCount: options.threads, kernels: options.plan.kernels, precision: .bfloat16)
    let layer = try Linear(
      inputs: inputs, outputs: outputs, weights: weights, bias: bias, in: plan)
    let executor = try Executor(plan)
    executor.begin()
    let result = output(rows * outputs) { layer.run(input, $0, rows: rows, on: executor) }
    var expected: [Float] = []
    for row in 0..<rows {
      for column in 0..<outputs {
        var sum = Double(bias[column])
        for index in 0..<inputs {
          sum += rounded(input[row * inputs + index]) * rounded(weights[column * inputs + index])
        }
        expected.append(Float(sum))
      }
    }
    #expect(relativeError(result, expected) < 1e-6)
  }

  /// Taps of an odd depth are filled up; at the ends only some of them take part.
  @Test(arguments: plans)
  func aGatedConvolutionIsNearTheOneInFloat32(_ options: PlanOptions) throws {
    var shape = FrameConvolution.Shape(frames: 107, inputChannels: 5, outputChannels: 9)
    (shape.kernel, shape.dilation, shape.padding, shape.isGated) = (3, 2, 2, true)
    let weights = noise(18 * 5 * 3, seed: 4)
    let bias = noise(18, seed: 5)
    let input = noise(107 * 5, seed: 6)
    let results = try [Precision.float32, .bfloat16].map { precision in
      let plan = NetworkPlan(
        threadCount: options.threads, kernels: options.plan.kernels, precision: precision)
      let layer = try FrameConvolution(shape, weights: weights, bias: bias, in: plan)
      let executor = try Executor(plan)
      executor.begin()
      return output(107 * 9) { layer.run(input, $0, on: executor) }
    }
    let error = relativeError(results[1], results[0])
    #expect(error < 1e-2)
    #expect(error > 1e-5)
  }
}
