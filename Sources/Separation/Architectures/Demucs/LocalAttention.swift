// SPDX-License-Identifier: MIT
import Foundation
import NeuralNetwork

/// Attention whose queries choose how fast their interest falls with the distance, added to its
/// input.
///
/// Défossez, arXiv 2111.03600, section 4.1: a query's penalty for a key d frames away is
/// d Σₖ k σ(decayₖ) / (2 √4) over four decays k = 1…4.
struct LocalAttention: Sendable {
  private static let heads = 4
  private static let decays = 4

  private var frames: Int
  private let channels: Int
  /// To queries, keys, content and decays, side by side.
  private let inputs: Linear
  private var attention: Attention
  private let output: Linear

  private var width: Int { 3 * channels + Self.heads * Self.decays }

  /// Floats of working memory.
  var temporaryCount: Int {
    frames * (width + channels + Self.heads)
  }

  init(
    _ weights: NetworkWeights, rows: Int, frames: Int, channels: Int, in plan: NetworkPlan
  ) throws(SeparationError) {
    guard rows == 1, channels % Self.heads == 0 else {
      throw SeparationError(
        code: .unsupported,
        message: "\(weights.tensors.name): local attention over more than one frequency, or "
          + "over \(channels) channels, is not supported.")
    }
    self.frames = frames
    self.channels = channels
    let headWidth = channels / Self.heads
    let scale = 1 / Float(headWidth).squareRoot()
    var weight = try weights["query"].values("weight", channels, channels, 1).map { $0 * scale }
    var bias = try weights["query"].values("bias", channels).map { $0 * scale }
    for name in ["key", "content"] {
      weight += try weights[name].values("weight", channels, channels, 1)
      bias += try weights[name].values("bias", channels)
    }
    let decayCount = Self.heads * Self.decays
    weight += try weights["query_decay"].values("weight", decayCount, channels, 1)
    bias += try weights["query_decay"].values("bias", decayCount)
    let outputWeight = try weights["proj"].values("weight", channels, channels, 1)
    let outputBias = try weights["proj"].values("bias", channels)
    let width = 3 * channels + decayCount
    (inputs, attention, output) = try weights.make { () throws(NeuralNetworkError) in
      (
        try Linear(
          inputs: channels, outputs: width, weights: weight, bias: bias, in: plan),
        try Attention(
          queries: frames, keys: frames, heads: Self.heads, width: headWidth, queryStride: width,
          keyStride: width, outputStride: channels, in: plan),
        try Linear(
          inputs: channels, outputs: channels, weights: outputWeight,
          bias: outputBias, finish: .accumulate, in: plan)
      )
    }
  }

  /// The same layer over fewer frames.
  func resized(frames: Int) -> LocalAttention {
    var copy = self
    copy.frames = frames
    copy.attention = attention.resized(queries: frames, keys: frames)
    return copy
  }

  /// x += projection(attention(x)). (frames, channels)
  func run(
    _ x: UnsafeMutablePointer<Float>, temporary: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    let all = temporary  // (frames, width)
    let result = all + frames * width  // (frames, channels)
    let slopes = result + frames * channels  // (heads, frames)
    inputs.run(x, all, rows: frames, on: executor)
    for frame in 0..<frames {
      let decays = all + frame * width + 3 * channels  // (heads, decays)
      for head in 0..<Self.heads {
        var slope: Float = 0
        for decay in 0..<Self.decays {
          slope += Float(decay + 1) / (1 + exp(-decays[head * Self.decays + decay]))
        }
        slopes[head * frames + frame] = slope / (2 * Float(Self.decays).squareRoot())
      }
    }
    attention.run(
      queries: all, keys: all + channels, values: all + 2 * channels, result, slopes: slopes,
      on: executor)
    output.run(result, x, rows: frames, on: executor)
  }
}
