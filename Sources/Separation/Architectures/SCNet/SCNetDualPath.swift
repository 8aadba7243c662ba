// SPDX-License-Identifier: MIT
import NeuralNetwork

/// One LSTM along the frequencies, then one along the frames, each normalised and residual.
struct SCNetDualPath: Sendable {
  private struct Path: Sendable {
    let norm: GroupNorm
    let recurrence: BidirectionalLSTM
    let projection: Linear
  }

  private let bins: Int
  private let frames: Int
  private let channels: Int
  private let paths: [Path]

  /// Floats of working memory.
  let temporaryCount: Int

  init(
    _ weights: NetworkWeights, bins: Int, frames: Int, channels: Int, expansion: Int,
    in plan: NetworkPlan
  ) throws(SeparationError) {
    self.bins = bins
    self.frames = frames
    self.channels = channels
    let units = channels * expansion
    temporaryCount = bins * frames * (channels + 2 * units)
    var paths: [Path] = []
    for (index, axis) in [BidirectionalLSTM.Axis.rows, .columns].enumerated() {
      let part = weights["lstm_layers"][index]
      let forward = try part.recurrence(inputs: channels, units: units, suffix: "")
      let backward = try part.recurrence(inputs: channels, units: units, suffix: "_reverse")
      let weight = try weights["linear_layers"][index].values("weight", channels, 2 * units)
      let bias = try weights["linear_layers"][index].values("bias", channels)
      let norm = try weights["norm_layers"][index].groupNorm(channels)
      paths.append(
        try weights.make { () throws(NeuralNetworkError) in
          Path(
            norm: norm,
            recurrence: try BidirectionalLSTM(
              rows: bins, columns: frames, inputs: channels, units: units, along: axis,
              forward: forward, backward: backward, in: plan),
            projection: try Linear(
              inputs: 2 * units, outputs: channels, weights: weight, bias: bias,
              finish: .accumulate, in: plan))
        })
    }
    self.paths = paths
  }

  /// Changes x in place. (bins, frames, channels)
  func run(
    _ x: UnsafeMutablePointer<Float>, temporary: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    let normalized = temporary  // (bins, frames, channels)
    let states = temporary + bins * frames * channels  // (bins, frames, 2 units)
    for path in paths {
      path.norm.run(x, normalized, examples: 1, rows: bins * frames, on: executor)
      path.recurrence.run(normalized, states, on: executor)
      path.projection.run(states, x, rows: bins * frames, on: executor)
    }
  }
}
