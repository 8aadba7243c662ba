// SPDX-License-Identifier: MIT

/// A trained chain with the weights it had when this was made.
///
/// Each item goes through all stages by itself, on one thread, so that its result depends neither on
/// its batch nor on the number of threads.
final class InferenceNetwork {
  private let steps: [InferenceStep]
  private let input: ImageShape
  private let outputCount: Int
  private let executors: [Executor]
  private let largest: Int

  init(
    _ input: ImageShape, _ stages: [any TrainingStage], _ parameters: UnsafePointer<Float>,
    threadCount: Int, kernels: KernelSet
  ) throws(NeuralNetworkError) {
    let plan = NetworkPlan(threadCount: 1, kernels: kernels)
    var steps: [InferenceStep] = []
    for stage in stages { steps.append(try stage.inference(parameters, in: plan)) }
    var memory = ArenaPlan()
    _ = memory.reserve(stages.map(\.output.count).reduce(input.count, max))
    largest = memory.count
    plan.reserveActivations(2 * largest)
    var executors: [Executor] = []
    for _ in 0..<threadCount { executors.append(try Executor(plan)) }
    self.steps = steps
    self.input = input
    self.outputCount = stages.last?.output.count ?? input.count
    self.executors = executors
  }

  /// (items, channels, height, width) to (items, outputs).
  func run(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, items: Int
  ) throws(NeuralNetworkError) {
    for executor in executors { executor.begin() }
    inParallel(threads: executors.count, count: items) { item, thread in
      let executor = executors[thread]
      var from = executor.activations
      var to = from + largest
      input.channelsLast(x + item * input.count, from)
      for step in steps {
        step(from, to, executor)
        (from, to) = (to, from)
      }
      (y + item * outputCount).update(from: from, count: outputCount)
    }
    for executor in executors where executor.status != 0 {
      throw .library(executor.status, layer: "a network")
    }
  }
}
