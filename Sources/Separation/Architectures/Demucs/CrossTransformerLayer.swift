// SPDX-License-Identifier: MIT
import NeuralNetwork

/// A layer of ``CrossTransformer``: attention and a feed-forward part, each after a layer norm and
/// added to its input with a gain per channel; at the end a norm over all tokens.
///
/// Attention is to the layer's own tokens or to those of the other branch. The gains are folded
/// into the weights before them, the factor of the scores into the weights of the queries.
struct CrossTransformerLayer: Sendable {
  private let tokens: Int
  private let otherTokens: Int?
  private let channels: Int
  private let hidden: Int
  private let attentionNorm: LayerNorm
  private let otherNorm: LayerNorm?
  private let feedForwardNorm: LayerNorm
  private let outputNorm: GroupNorm
  /// To queries; in self-attention to queries, keys and values side by side.
  private let queries: Linear
  private let keys: Linear?
  private let attention: Attention
  private let output: Linear
  private let expansion: Linear
  private let contraction: Linear

  /// Floats of keys and values, for attention to the other branch.
  var keyCount: Int { (otherTokens ?? 0) * 2 * channels }

  /// Floats of working memory.
  var temporaryCount: Int {
    let longest = max(tokens, otherTokens ?? 0)
    return longest * channels + tokens * max(hidden, 3 * channels)
  }

  /// - Parameter otherTokens: Tokens of the other branch; `nil` for self-attention.
  init(
    _ weights: NetworkWeights, configuration: DemucsConfiguration.Transformer, tokens: Int,
    otherTokens: Int?, channels: Int, in plan: NetworkPlan
  ) throws(SeparationError) {
    let isCross = otherTokens != nil
    let hidden = Int(Double(channels) * configuration.hiddenScale)
    let width = channels / configuration.heads
    self.tokens = tokens
    self.otherTokens = otherTokens
    self.channels = channels
    self.hidden = hidden
    attentionNorm = try weights["norm1"].layerNorm(channels)
    otherNorm = isCross ? try weights["norm2"].layerNorm(channels) : nil
    feedForwardNorm = try weights[isCross ? "norm3" : "norm2"].layerNorm(channels)
    outputNorm = try weights["norm_out"].groupNorm(channels)

    let part = weights[isCross ? "cross_attn" : "self_attn"]
    var inputWeight = try part.values("in_proj_weight", 3 * channels, channels)
    var inputBias = try part.values("in_proj_bias", 3 * channels)
    let scale = 1 / Float(width).squareRoot()
    for index in 0..<channels * channels { inputWeight[index] *= scale }
    for index in 0..<channels { inputBias[index] *= scale }
    let split = isCross ? channels : 3 * channels
    let queryWeight = Array(inputWeight[..<(split * channels)])
    let queryBias = Array(inputBias[..<split])
    let keyWeight = Array(inputWeight[(split * channels)...])
    let keyBias = Array(inputBias[split...])

    let attentionGain = try weights["gamma_1"].values("scale", channels)
    let feedForwardGain = try weights["gamma_2"].values("scale", channels)
    let outputWeight = Self.rows(
      try part["out_proj"].values("weight", channels, channels), times: attentionGain)
    let outputBias = Self.rows(try part["out_proj"].values("bias", channels), times: attentionGain)
    let expansionWeight = try weights["linear1"].values("weight", hidden, channels)
    let expansionBias = try weights["linear1"].values("bias", hidden)
    let contractionWeight = Self.rows(
      try weights["linear2"].values("weight", channels, hidden), times: feedForwardGain)
    let contractionBias = Self.rows(
      try weights["linear2"].values("bias", channels), times: feedForwardGain)

    (queries, keys, attention, output, expansion, contraction) =
      try weights.make { () throws(NeuralNetworkError) in
        (
          try Linear(
            inputs: channels, outputs: split, weights: queryWeight, bias: queryBias, in: plan),
          isCross
            ? try Linear(
              inputs: channels, outputs: 2 * channels, weights: keyWeight, bias: keyBias, in: plan)
            : nil,
          try Attention(
            queries: tokens, keys: otherTokens ?? tokens, heads: configuration.heads,
            width: width, queryStride: split, keyStride: isCross ? 2 * channels : split,
            outputStride: channels, in: plan),
          try Linear(
            inputs: channels, outputs: channels, weights: outputWeight,
            bias: outputBias, finish: .accumulate, in: plan),
          try Linear(
            inputs: channels, outputs: hidden, weights: expansionWeight,
            bias: expansionBias, finish: .gelu, in: plan),
          try Linear(
            inputs: hidden, outputs: channels, weights: contractionWeight,
            bias: contractionBias, finish: .accumulate, in: plan)
        )
      }
  }

  /// Row r of a matrix with as many rows as there are gains, times gains[r].
  private static func rows(_ matrix: [Float], times gains: [Float]) -> [Float] {
    let columns = matrix.count / gains.count
    return matrix.indices.map { matrix[$0] * gains[$0 / columns] }
  }

  /// Makes keys and values of the other branch; does nothing in self-attention.
  ///
  /// - Parameters:
  ///   - other: (otherTokens, channels)
  ///   - keys: (otherTokens, 2 channels)
  func prepare(
    other: UnsafePointer<Float>, keys target: UnsafeMutablePointer<Float>,
    temporary: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    guard let otherTokens, let otherNorm, let keys else { return }
    otherNorm.run(other, temporary, rows: otherTokens, on: executor)
    keys.run(temporary, target, rows: otherTokens, on: executor)
  }

  /// Changes x in place. (tokens, channels)
  func run(
    _ x: UnsafeMutablePointer<Float>, keys otherKeys: UnsafePointer<Float>,
    temporary: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    let normalized = temporary  // (tokens, channels)
    let projected = normalized + max(tokens, otherTokens ?? 0) * channels
    attentionNorm.run(x, normalized, rows: tokens, on: executor)
    queries.run(normalized, projected, rows: tokens, on: executor)
    let keys = otherTokens == nil ? projected + channels : UnsafeMutablePointer(mutating: otherKeys)
    attention.run(
      queries: projected, keys: keys, values: keys + channels, normalized, on: executor)
    output.run(normalized, x, rows: tokens, on: executor)
    feedForwardNorm.run(x, normalized, rows: tokens, on: executor)
    expansion.run(normalized, projected, rows: tokens, on: executor)  // (tokens, hidden)
    contraction.run(projected, x, rows: tokens, on: executor)
    outputNorm.run(x, x, examples: 1, rows: tokens, on: executor)
  }
}
