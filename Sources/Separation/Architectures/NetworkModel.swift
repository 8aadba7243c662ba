// SPDX-License-Identifier: MIT
import NeuralNetwork

/// A segment model that runs layers planned once in memory reserved once.
protocol NetworkModel: SegmentModel {
  /// The operations of all layers.
  var plan: NetworkPlan { get }
  /// Floats of memory that a worker needs.
  var memoryCount: Int { get }

  /// Separates one segment.
  ///
  /// - Parameters:
  ///   - input: (2, segmentFrames)
  ///   - output: (sources, 2, segmentFrames)
  ///   - base: The worker's memory, `memoryCount` floats.
  func run(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
    base: UnsafeMutablePointer<Float>, on executor: Executor)
}

extension NetworkModel {
  func makeWorkspace() -> any SegmentWorkspace { NetworkWorkspace(model: self) }
}

/// The memory and the handles of one worker.
private final class NetworkWorkspace<Model: NetworkModel>: SegmentWorkspace {
  private let model: Model
  private let executor: Executor
  private let arena: Arena

  init(model: Model) {
    self.model = model
    executor = Executor(model.plan)
    arena = Arena(count: model.memoryCount)
  }

  var failure: SeparationError? { SeparationError(networkStatus: executor.status) }

  func process(input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>) {
    executor.begin()
    model.run(input, output, base: arena.base, on: executor)
  }
}
