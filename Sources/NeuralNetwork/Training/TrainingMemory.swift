// SPDX-License-Identifier: MIT

/// The activations of a batch and their gradients, in one block for up to `capacity` items.
struct TrainingMemory {
  /// Items.
  let capacity: Int
  private let block: Arena
  private let activationOffsets: [Int]
  private let keptOffsets: [Int]
  private let gradientOffsets: [Int]

  init(
    _ input: ImageShape, _ stages: [any TrainingStage], capacity: Int
  ) throws(NeuralNetworkError) {
    self.capacity = capacity
    var plan = ArenaPlan()
    let shapes = [input] + stages.map(\.output)
    activationOffsets = shapes.map { plan.reserve($0.count * capacity) }
    keptOffsets = stages.map { plan.reserve($0.keptCount * capacity) }
    let largest = shapes.map(\.count).reduce(0, max)
    gradientOffsets = (0..<2).map { _ in plan.reserve(largest * capacity) }
    block = try Arena(count: plan.count)
  }

  /// The input of stage `index`; the last one is the network's result.
  func activation(_ index: Int) -> UnsafeMutablePointer<Float> {
    block.base + activationOffsets[index]
  }

  /// What stage `index` keeps for the way back.
  func kept(_ index: Int) -> UnsafeMutablePointer<Float> { block.base + keptOffsets[index] }

  /// The gradient of activation `index`; it shares its memory with those of index ± 2.
  func gradient(_ index: Int) -> UnsafeMutablePointer<Float> {
    block.base + gradientOffsets[index % 2]
  }
}
