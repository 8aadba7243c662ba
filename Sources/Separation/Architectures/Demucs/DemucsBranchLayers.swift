// SPDX-License-Identifier: MIT
import NeuralNetwork

/// The encoder and decoder layers of one branch of Demucs.
struct DemucsBranchLayers: Sendable {
  var encoder: [DemucsEncoderLayer] = []
  /// In the order in which they run.
  var decoder: [DemucsDecoderLayer] = []
  /// In the time branch of a network that joins its branches: how it gets there and back.
  var joint: Joint?

  /// The time branch's last step into the frequency branch, and its first out of it.
  struct Joint: Sendable {
    var encoder: DemucsDownsampling
    var decoder: DemucsDecoderLayer
  }

  /// What the last encoder layer gives.
  var deepest: DemucsGrid {
    encoder.last?.output ?? DemucsGrid(rows: 1, frames: 1, channels: 1)
  }

  /// The same layers over another number of frames.
  func resized(input: DemucsGrid) -> DemucsBranchLayers {
    var copy = self
    var grids = [input]
    copy.encoder = encoder.map { layer in
      let layer = layer.resized(input: grids[grids.count - 1])
      grids.append(layer.output)
      return layer
    }
    copy.decoder = decoder.enumerated().map { step, layer in
      let level = decoder.count - 1 - step
      return layer.resized(frames: grids[level + 1].frames, length: grids[level].frames)
    }
    if let joint {
      let last = grids[grids.count - 1]
      let encoder = joint.encoder.resized(input: last)
      copy.joint = Joint(
        encoder: encoder,
        decoder: joint.decoder.resized(frames: encoder.output.frames, length: last.frames))
    }
    return copy
  }

  /// Builds both branches, level by level.
  static func make(
    _ weights: NetworkWeights, configuration: DemucsConfiguration, levels: [DemucsLevel],
    in plan: NetworkPlan
  ) throws(SeparationError) -> (frequency: DemucsBranchLayers, time: DemucsBranchLayers) {
    let timeLevels = levels.filter { $0.time != nil }.count
    var frequency = DemucsBranchLayers()
    var time = DemucsBranchLayers()
    for (index, level) in levels.enumerated() {
      let own = level.frequency
      frequency.encoder.append(
        try DemucsEncoderLayer(
          weights["encoder"][index], configuration: configuration, index: index,
          input: own.input, channels: own.channels, sampling: own.sampling,
          followsInjection: level.joins,
          embedding: index == 0
            ? try embedding(weights, configuration: configuration, of: own.output) : [],
          in: plan))
      func decoder(
        _ weights: NetworkWeights, _ part: DemucsLevel.Part, hasGate: Bool = true
      ) throws(SeparationError) -> DemucsDecoderLayer {
        try DemucsDecoderLayer(
          weights, configuration: configuration, index: index, input: part.output,
          channels: part.decodedChannels, sampling: part.sampling, length: part.input.frames,
          hasGate: hasGate, in: plan)
      }
      frequency.decoder.insert(
        try decoder(weights["decoder"][levels.count - 1 - index], own), at: 0)

      guard let part = level.time else { continue }
      let decoderWeights = weights["tdecoder"][timeLevels - 1 - index]
      if level.joins {
        time.joint = Joint(
          encoder: try DemucsDownsampling(
            weights["tencoder"][index]["conv"], input: part.input, channels: part.channels,
            sampling: part.sampling, in: plan),
          decoder: try decoder(decoderWeights, part, hasGate: false))
      } else {
        time.encoder.append(
          try DemucsEncoderLayer(
            weights["tencoder"][index], configuration: configuration, index: index,
            input: part.input, channels: part.channels, sampling: part.sampling, in: plan))
        time.decoder.insert(try decoder(decoderWeights, part), at: 0)
      }
    }
    return (frequency, time)
  }

  /// What the first layer adds to each frequency. (rows, channels)
  private static func embedding(
    _ weights: NetworkWeights, configuration: DemucsConfiguration, of grid: DemucsGrid
  ) throws(SeparationError) -> [[Float]] {
    guard configuration.frequencyEmbedding > 0 else { return [] }
    let values = try weights["freq_emb.embedding"].values("weight", grid.rows, grid.channels)
    let scale = Float(configuration.frequencyEmbedding * configuration.embeddingScale)
    return (0..<grid.rows).map { row in
      values[row * grid.channels..<(row + 1) * grid.channels].map { $0 * scale }
    }
  }
}
