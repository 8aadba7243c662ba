// SPDX-License-Identifier: MIT
import NeuralNetwork

/// Two bidirectional LSTM layers and a projection, added to their input.
///
/// Long inputs are taken in windows of 200 frames that overlap by half; of every window the middle
/// is kept. (Défossez, arXiv 2111.03600, section 4.1.)
struct DemucsRecurrence: Sendable {
  private static let window = 200
  private static let hop = window / 2

  private var frames: Int
  private let channels: Int
  private var layers: [BidirectionalLSTM]
  private let projection: Linear

  /// Floats of working memory: the windows, and two layers' outputs.
  var temporaryCount: Int { windows * steps * 5 * channels }

  init(
    _ weights: NetworkWeights, rows: Int, frames: Int, channels: Int, in plan: NetworkPlan
  ) throws(SeparationError) {
    guard rows == 1 else {
      throw SeparationError(
        code: .unsupported,
        message: "\(weights.tensors.name): an LSTM over more than one frequency is not "
          + "supported.")
    }
    self.frames = frames
    self.channels = channels
    let (windows, steps) = Self.windows(of: frames)
    var layers: [BidirectionalLSTM] = []
    for layer in 0..<2 {
      let inputs = layer == 0 ? channels : 2 * channels
      let part = weights["lstm"]
      let forward = try part.recurrence(layer: layer, inputs: inputs, units: channels, suffix: "")
      let backward = try part.recurrence(
        layer: layer, inputs: inputs, units: channels, suffix: "_reverse")
      layers.append(
        try weights.make { () throws(NeuralNetworkError) in
          try BidirectionalLSTM(
            rows: windows, columns: steps, inputs: inputs, units: channels, along: .columns,
            forward: forward, backward: backward, in: plan)
        })
    }
    self.layers = layers
    let weight = try weights["linear"].values("weight", channels, 2 * channels)
    let bias = try weights["linear"].values("bias", channels)
    projection = try weights.make { () throws(NeuralNetworkError) in
      try Linear(
        inputs: 2 * channels, outputs: channels, weights: weight, bias: bias, in: plan)
    }
  }

  private static func windows(of frames: Int) -> (count: Int, steps: Int) {
    frames > window ? ((frames + hop - 1) / hop, window) : (1, frames)
  }
  private var windows: Int { Self.windows(of: frames).count }
  private var steps: Int { Self.windows(of: frames).steps }

  /// The same layer over fewer frames.
  func resized(frames: Int) -> DemucsRecurrence {
    var copy = self
    copy.frames = frames
    let (windows, steps) = Self.windows(of: frames)
    copy.layers = layers.map { $0.resized(rows: windows, columns: steps) }
    return copy
  }

  /// x += projection(LSTM(x)). (frames, channels)
  func run(
    _ x: UnsafeMutablePointer<Float>, temporary: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    let input = temporary  // (windows, steps, channels); holds the result in the end
    let first = input + windows * steps * channels  // (windows, steps, 2 channels)
    let second = first + windows * steps * 2 * channels
    for window in 0..<windows {
      let start = window * Self.hop
      let count = min(steps, frames - start) * channels
      let target = input + window * steps * channels
      target.update(from: x + start * channels, count: count)
      (target + count).update(repeating: 0, count: steps * channels - count)
    }
    layers[0].run(input, first, on: executor)
    layers[1].run(first, second, on: executor)
    projection.run(second, input, rows: windows * steps, on: executor)
    for window in 0..<windows {
      // The middle half of the window; the first and the last reach to the ends.
      let start = window == 0 ? 0 : window * Self.hop + Self.hop / 2
      let end = window == windows - 1 ? frames : min(frames, (window + 1) * Self.hop + Self.hop / 2)
      guard start < end else { continue }
      let part = input + (window * steps + start - window * Self.hop) * channels
      executor.add(part, to: x + start * channels, count: (end - start) * channels)
    }
  }
}
