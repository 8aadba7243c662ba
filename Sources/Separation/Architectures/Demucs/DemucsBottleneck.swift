// SPDX-License-Identifier: MIT
import NeuralNetwork

/// What lies between encoder and decoder of Hybrid Transformer Demucs: the transformer, with a
/// linear layer before and after each branch where it has another number of channels.
struct DemucsBottleneck: Sendable {
  private let transformer: CrossTransformer
  private let frequency: DemucsGrid
  private let time: DemucsGrid
  private let width: Int
  private let projections: Projections?

  private struct Projections: Sendable {
    let frequencyUp: Linear
    let frequencyDown: Linear
    let timeUp: Linear
    let timeDown: Linear
  }

  var temporaryCount: Int { transformer.temporaryCount }
  /// Floats of the frequency branch within the transformer.
  var wideFrequencyCount: Int { frequency.positions * width }
  /// Floats of the time branch within the transformer.
  var wideTimeCount: Int { time.positions * width }

  init(
    _ weights: NetworkWeights, configuration: DemucsConfiguration.Transformer,
    frequency: DemucsGrid, time: DemucsGrid, in plan: NetworkPlan
  ) throws(SeparationError) {
    let channels = frequency.channels
    let width = configuration.width(between: channels)
    func projection(
      _ name: String, _ inputs: Int, _ outputs: Int
    ) throws(SeparationError) -> Linear {
      let weight = try weights[name].values("weight", outputs, inputs, 1)
      let bias = try weights[name].values("bias", outputs)
      return try weights.make { () throws(NeuralNetworkError) in
        try Linear(inputs: inputs, outputs: outputs, weights: weight, bias: bias, in: plan)
      }
    }
    if configuration.bottomChannels > 0 {
      projections = Projections(
        frequencyUp: try projection("channel_upsampler", channels, width),
        frequencyDown: try projection("channel_downsampler", width, channels),
        timeUp: try projection("channel_upsampler_t", channels, width),
        timeDown: try projection("channel_downsampler_t", width, channels))
    } else {
      projections = nil
    }
    var grid = frequency
    grid.channels = width
    transformer = try CrossTransformer(
      weights["crosstransformer"], configuration: configuration, frequency: grid,
      timeFrames: time.frames, in: plan)
    self.frequency = frequency
    self.time = time
    self.width = width
  }

  /// - Parameters:
  ///   - x: The frequency branch. (rows, frames, channels)
  ///   - y: The time branch. (frames, channels)
  ///   - frequencyOutput: As x.
  ///   - timeOutput: As y.
  ///   - wideFrequency: Working memory, `wideFrequencyCount` floats.
  ///   - wideTime: Working memory, `wideTimeCount` floats.
  func run(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>,
    _ frequencyOutput: UnsafeMutablePointer<Float>, _ timeOutput: UnsafeMutablePointer<Float>,
    wideFrequency: UnsafeMutablePointer<Float>, wideTime: UnsafeMutablePointer<Float>,
    temporary: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    guard let projections else {
      frequencyOutput.update(from: x, count: frequency.count)
      timeOutput.update(from: y, count: time.count)
      transformer.run(frequencyOutput, timeOutput, temporary: temporary, on: executor)
      return
    }
    projections.frequencyUp.run(x, wideFrequency, rows: frequency.positions, on: executor)
    projections.timeUp.run(y, wideTime, rows: time.positions, on: executor)
    transformer.run(wideFrequency, wideTime, temporary: temporary, on: executor)
    projections.frequencyDown.run(
      wideFrequency, frequencyOutput, rows: frequency.positions, on: executor)
    projections.timeDown.run(wideTime, timeOutput, rows: time.positions, on: executor)
  }
}
