// SPDX-License-Identifier: MIT

/// An image to one row of features, in PyTorch's order: channels, then rows, then columns.
final class Flatten: TrainingStage {
  let output: ImageShape
  private let input: ImageShape

  init(_ input: ImageShape) {
    self.input = input
    output = ImageShape(channels: input.count, height: 1, width: 1)
  }

  func forward(
    _ pass: TrainingPass, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    kept: UnsafeMutablePointer<Float>
  ) {
    for item in 0..<pass.items {
      input.channelsFirst(x + item * input.count, y + item * input.count)
    }
  }

  func backward(
    _ pass: TrainingPass, _ place: StagePlace, gradient: UnsafePointer<Float>,
    result: UnsafeMutablePointer<Float>?
  ) {
    guard let result else { return }
    for item in 0..<pass.items {
      input.channelsLast(gradient + item * input.count, result + item * input.count)
    }
  }

  func inference(_ parameters: UnsafePointer<Float>, in plan: NetworkPlan) -> InferenceStep {
    let input = input
    return { x, y, _ in input.channelsFirst(x, y) }
  }
}

/// The mean of every channel.
final class GlobalAveragePool: TrainingStage {
  let output: ImageShape
  private let input: ImageShape

  init(_ input: ImageShape) {
    self.input = input
    output = ImageShape(channels: input.channels, height: 1, width: 1)
  }

  private static func run(
    _ input: ImageShape, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
  ) {
    let channels = input.channels
    y.update(repeating: 0, count: channels)
    for place in 0..<input.area {
      for channel in 0..<channels { y[channel] += x[place * channels + channel] }
    }
    for channel in 0..<channels { y[channel] /= Float(input.area) }
  }

  func forward(
    _ pass: TrainingPass, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    kept: UnsafeMutablePointer<Float>
  ) {
    pass.forEach(pass.items, work: pass.items * input.count) { item in
      Self.run(input, x + item * input.count, y + item * output.count)
    }
  }

  func backward(
    _ pass: TrainingPass, _ place: StagePlace, gradient: UnsafePointer<Float>,
    result: UnsafeMutablePointer<Float>?
  ) {
    guard let result else { return }
    let channels = input.channels
    let scale = 1 / Float(input.area)
    pass.forEach(pass.items, work: pass.items * input.count) { item in
      let from = gradient + item * channels
      let to = result + item * input.count
      for place in 0..<input.area {
        for channel in 0..<channels { to[place * channels + channel] = from[channel] * scale }
      }
    }
  }

  func inference(_ parameters: UnsafePointer<Float>, in plan: NetworkPlan) -> InferenceStep {
    let input = input
    return { x, y, _ in Self.run(input, x, y) }
  }
}
