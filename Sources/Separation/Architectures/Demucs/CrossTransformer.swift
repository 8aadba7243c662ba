// SPDX-License-Identifier: MIT
import Foundation
import NeuralNetwork

/// The transformer between encoder and decoder: layers of self-attention within each branch, and
/// between them layers in which each branch attends to the other.
///
/// Rouard, Massa and Défossez, arXiv 2211.08553, figure 1.
struct CrossTransformer: Sendable {
  private let channels: Int
  private let frequencyTokens: Int
  private let timeTokens: Int
  private let frequencyNorm: LayerNorm
  private let timeNorm: LayerNorm
  private let frequencyPositions: [Float]  // (rows, frames, channels)
  private let timePositions: [Float]  // (frames, channels)
  private let layers: [(frequency: CrossTransformerLayer, time: CrossTransformerLayer)]

  /// Floats of working memory.
  let temporaryCount: Int

  /// - Parameters:
  ///   - frequency: The frequency branch; its channels are the transformer's.
  ///   - timeFrames: Frames of the time branch.
  init(
    _ weights: NetworkWeights, configuration: DemucsConfiguration.Transformer,
    frequency: DemucsGrid, timeFrames: Int, in plan: NetworkPlan
  ) throws(SeparationError) {
    let channels = frequency.channels
    self.channels = channels
    frequencyTokens = frequency.positions
    timeTokens = timeFrames
    frequencyNorm = try weights["norm_in"].layerNorm(channels)
    timeNorm = try weights["norm_in_t"].layerNorm(channels)
    let scale = Float(configuration.positionWeight)
    frequencyPositions = Self.positions(
      rows: frequency.rows, frames: frequency.frames, channels: channels,
      maximumPeriod: configuration.maximumPeriod
    ).map { $0 * scale }
    timePositions = Self.positions(
      frames: timeFrames, channels: channels, maximumPeriod: configuration.maximumPeriod
    ).map { $0 * scale }

    var layers: [(frequency: CrossTransformerLayer, time: CrossTransformerLayer)] = []
    for index in 0..<configuration.layers {
      let isCross = (index % 2 == 0) == configuration.crossFirst
      func layer(
        _ name: String, _ tokens: Int, _ others: Int
      ) throws(SeparationError) -> CrossTransformerLayer {
        try CrossTransformerLayer(
          weights[name][index], configuration: configuration, tokens: tokens,
          otherTokens: isCross ? others : nil, channels: channels, in: plan)
      }
      layers.append(
        (
          try layer("layers", frequencyTokens, timeTokens),
          try layer("layers_t", timeTokens, frequencyTokens)
        ))
    }
    self.layers = layers
    temporaryCount =
      layers.map {
        $0.frequency.keyCount + $0.time.keyCount
          + max($0.frequency.temporaryCount, $0.time.temporaryCount)
      }.max() ?? 0
  }

  /// Changes both branches in place.
  ///
  /// - Parameters:
  ///   - x: (rows, frames, channels)
  ///   - time: (frames, channels)
  func run(
    _ x: UnsafeMutablePointer<Float>, _ time: UnsafeMutablePointer<Float>,
    temporary: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    frequencyNorm.run(x, x, rows: frequencyTokens, on: executor)
    executor.add(frequencyPositions, to: x, count: frequencyTokens * channels)
    timeNorm.run(time, time, rows: timeTokens, on: executor)
    executor.add(timePositions, to: time, count: timeTokens * channels)
    for layer in layers {
      // Both look at what the other was before this layer.
      let frequencyKeys = temporary
      let timeKeys = frequencyKeys + layer.frequency.keyCount
      let rest = timeKeys + layer.time.keyCount
      layer.frequency.prepare(other: time, keys: frequencyKeys, temporary: rest, on: executor)
      layer.time.prepare(other: x, keys: timeKeys, temporary: rest, on: executor)
      layer.frequency.run(x, keys: frequencyKeys, temporary: rest, on: executor)
      layer.time.run(time, keys: timeKeys, temporary: rest, on: executor)
    }
  }

  /// Cosines, then sines, of wavelengths from 2π to `maximumPeriod` · 2π frames. (frames, channels)
  static func positions(frames: Int, channels: Int, maximumPeriod: Double) -> [Float] {
    let half = channels / 2
    return (0..<frames).flatMap { frame in
      (0..<channels).map { channel in
        let index = channel % half
        let period = powf(Float(maximumPeriod), Float(index) / Float(max(1, half - 1)))
        let phase = Float(frame) / period
        return channel < half ? cosf(phase) : sinf(phase)
      }
    }
  }

  /// Sines and cosines in turn: of the frame in the first half of the channels, of the row in the
  /// second. (rows, frames, channels)
  static func positions(rows: Int, frames: Int, channels: Int, maximumPeriod: Double) -> [Float] {
    let half = channels / 2
    let rates = stride(from: 0, to: half, by: 2).map { index in
      expf(Float(index) * Float(-log(maximumPeriod) / Double(half)))
    }
    func wave(_ position: Int) -> [Float] {
      rates.flatMap { [sinf(Float(position) * $0), cosf(Float(position) * $0)] }
    }
    let ofFrames = (0..<frames).map(wave)
    return (0..<rows).flatMap { row in
      let ofRow = wave(row)
      return ofFrames.flatMap { $0 + ofRow }
    }
  }
}
