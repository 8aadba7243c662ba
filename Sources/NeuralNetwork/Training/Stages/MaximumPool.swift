// SPDX-License-Identifier: MIT
internal import CNeuralKernels

/// The maxima of square windows that do not overlap; rows and columns that fill none are left out.
final class MaximumPool: TrainingStage {
  let output: ImageShape
  private let input: ImageShape
  private let size: Int

  init(_ input: ImageShape, size: Int) {
    self.input = input
    self.size = size
    output = ImageShape(
      channels: input.channels, height: input.height / size, width: input.width / size)
  }

  /// The place of the maximum in its window, a number of 32 bits each.
  var keptCount: Int { output.count }

  func forward(
    _ pass: TrainingPass, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    kept: UnsafeMutablePointer<Float>
  ) {
    let functions = pass.kernels.functions
    pass.forEach(pass.items, work: pass.items * input.count) { item in
      run(
        functions, x + item * input.count, y + item * output.count,
        places: UnsafeMutableRawPointer(kept + item * output.count)
          .assumingMemoryBound(to: Int32.self))
    }
  }

  private func run(
    _ functions: kernel_set, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    places: UnsafeMutablePointer<Int32>
  ) {
    functions.pool_forward(
      x, Int64(input.height), Int64(input.width), Int64(input.channels), Int64(size), y, places)
  }

  func backward(
    _ pass: TrainingPass, _ place: StagePlace, gradient: UnsafePointer<Float>,
    result: UnsafeMutablePointer<Float>?
  ) {
    guard let result else { return }
    let functions = pass.kernels.functions
    pass.forEach(pass.items, work: pass.items * input.count) { item in
      let places = UnsafeRawPointer(place.kept + item * output.count)
        .assumingMemoryBound(to: Int32.self)
      functions.pool_backward(
        gradient + item * output.count, places, Int64(input.height), Int64(input.width),
        Int64(input.channels), Int64(size), result + item * input.count)
    }
  }

  func inference(_ parameters: UnsafePointer<Float>, in plan: NetworkPlan) -> InferenceStep {
    let functions = plan.kernels.functions
    plan.reserveScratch(output.count)
    return { [self] x, y, executor in
      run(
        functions, x, y,
        places: UnsafeMutableRawPointer(executor.scratch).assumingMemoryBound(to: Int32.self))
    }
  }
}
