// SPDX-License-Identifier: MIT
internal import MixCore
import Foundation

/// A stage whose result has its input's size, value by value.
///
/// The gradient follows from the result alone.
final class Elementwise: TrainingStage {
  enum Function {
    /// max(0, x)
    case rectifier
    case tanh
  }

  let output: ImageShape
  private let function: Function

  init(_ input: ImageShape, _ function: Function) {
    output = input
    self.function = function
  }

  private static func run(
    _ function: Function, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int
  ) {
    switch function {
    case .rectifier:
      for index in 0..<count { y[index] = x[index] > 0 ? x[index] : 0 }
    case .tanh:
      for index in 0..<count { y[index] = tanhf(x[index]) }
    }
  }

  func forward(
    _ pass: TrainingPass, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    kept: UnsafeMutablePointer<Float>
  ) {
    let count = output.count
    pass.forEach(pass.items, work: pass.items * count) { item in
      Self.run(function, x + item * count, y + item * count, count: count)
    }
  }

  func backward(
    _ pass: TrainingPass, _ place: StagePlace, gradient: UnsafePointer<Float>,
    result: UnsafeMutablePointer<Float>?
  ) {
    guard let result else { return }
    let count = output.count
    pass.forEach(pass.items, work: pass.items * count) { item in
      let range = item * count..<(item + 1) * count
      switch function {
      case .rectifier:
        for index in range { result[index] = place.y[index] > 0 ? gradient[index] : 0 }
      case .tanh:
        for index in range {
          result[index] = gradient[index] * (1 - place.y[index] * place.y[index])
        }
      }
    }
  }

  func inference(_ parameters: UnsafePointer<Float>, in plan: NetworkPlan) -> InferenceStep {
    let (function, count) = (function, output.count)
    return { x, y, _ in Self.run(function, x, y, count: count) }
  }
}

/// Sets values to zero at random and scales the others so that the expected value stays: Srivastava
/// et al., "Dropout" (2014).
final class Dropout: TrainingStage {
  let output: ImageShape
  private let probability: Float
  private let layer: Int

  /// - Parameters:
  ///   - probability: Of a value to become zero.
  ///   - layer: The stage's number, on which its random numbers depend.
  init(_ input: ImageShape, probability: Float, layer: Int) {
    output = input
    self.probability = probability
    self.layer = layer
  }

  /// The factor of each value.
  var keptCount: Int { output.count }

  func forward(
    _ pass: TrainingPass, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    kept: UnsafeMutablePointer<Float>
  ) {
    let scale = 1 / (1 - probability)
    // Two steps of the generator keep the streams of neighbouring passes and layers apart.
    var mixer = SplitMix64(seed: pass.seed)
    mixer = SplitMix64(seed: mixer.next() ^ UInt64(layer))
    var generator = SplitMix64(seed: mixer.next())
    for index in 0..<pass.items * output.count {
      kept[index] = generator.nextUnit() < probability ? 0 : scale
      y[index] = x[index] * kept[index]
    }
  }

  func backward(
    _ pass: TrainingPass, _ place: StagePlace, gradient: UnsafePointer<Float>,
    result: UnsafeMutablePointer<Float>?
  ) {
    guard let result else { return }
    for index in 0..<pass.items * output.count {
      result[index] = gradient[index] * place.kept[index]
    }
  }

  func inference(_ parameters: UnsafePointer<Float>, in plan: NetworkPlan) -> InferenceStep {
    let count = output.count
    return { x, y, _ in y.update(from: x, count: count) }
  }
}
