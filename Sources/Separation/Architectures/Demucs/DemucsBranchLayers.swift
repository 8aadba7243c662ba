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
  ///
  /// - Parameter spectrogram: The frequency branch's input.
  static func make(
    _ weights: NetworkWeights, configuration: DemucsConfiguration, spectrogram: DemucsGrid,
    in plan: NetworkPlan
  ) throws(SeparationError) -> (frequency: DemucsBranchLayers, time: DemucsBranchLayers) {
    let levels = try levels(
      configuration: configuration, spectrogram: spectrogram, name: weights.tensors.name)
    let timeLevels = levels.filter { $0.time != nil }.count
    var frequency = DemucsBranchLayers()
    var time = DemucsBranchLayers()
    for (index, level) in levels.enumerated() {
      frequency.encoder.append(
        try DemucsEncoderLayer(
          weights["encoder"][index], configuration: configuration, index: index,
          input: level.input, channels: level.channels, sampling: level.sampling,
          followsInjection: level.joins,
          embedding: index == 0
            ? try embedding(weights, configuration: configuration, level: level) : [], in: plan))
      let output = frequency.deepest
      let decoder = try DemucsDecoderLayer(
        weights["decoder"][levels.count - 1 - index], configuration: configuration, index: index,
        input: output, channels: level.decodedChannels, sampling: level.sampling,
        length: level.input.frames, hasGate: true, in: plan)
      frequency.decoder.insert(decoder, at: 0)

      guard let part = level.time else { continue }
      let decoderIndex = timeLevels - 1 - index
      if level.joins {
        let encoder = try DemucsDownsampling(
          weights["tencoder"][index]["conv"], input: part.input, channels: part.channels,
          sampling: part.sampling, in: plan)
        guard encoder.output == output else {
          throw SeparationError(
            code: .unsupported,
            message: "\(weights.tensors.name): the branches of the network do not meet.")
        }
        time.joint = Joint(
          encoder: encoder,
          decoder: try DemucsDecoderLayer(
            weights["tdecoder"][decoderIndex], configuration: configuration, index: index,
            input: output,
            channels: part.decodedChannels, sampling: part.sampling, length: part.input.frames,
            hasGate: false, in: plan))
      } else {
        time.encoder.append(
          try DemucsEncoderLayer(
            weights["tencoder"][index], configuration: configuration, index: index,
            input: part.input, channels: part.channels, sampling: part.sampling, in: plan))
        time.decoder.insert(
          try DemucsDecoderLayer(
            weights["tdecoder"][decoderIndex], configuration: configuration, index: index,
            input: time.deepest, channels: part.decodedChannels, sampling: part.sampling,
            length: part.input.frames, hasGate: true, in: plan), at: 0)
      }
    }
    return (frequency, time)
  }

  /// One branch's part of a level.
  private struct Part {
    var input: DemucsGrid
    var channels: Int
    var decodedChannels: Int
    var sampling: DemucsSampling
  }

  /// One level of both branches.
  private struct Level {
    var frequency: Part
    var time: Part?
    /// Whether the time branch ends here.
    var joins: Bool

    var input: DemucsGrid { frequency.input }
    var channels: Int { frequency.channels }
    var decodedChannels: Int { frequency.decodedChannels }
    var sampling: DemucsSampling { frequency.sampling }
  }

  /// The sizes of all levels: frequencies become fewer until one is left, then frames do.
  private static func levels(
    configuration: DemucsConfiguration, spectrogram: DemucsGrid, name: String
  ) throws(SeparationError) -> [Level] {
    let kernel = configuration.kernel
    var x = spectrogram
    var y = DemucsGrid(rows: 1, frames: configuration.segmentFrames, channels: 2)
    var channels = configuration.channels
    var timeChannels = configuration.timeChannels
    var levels: [Level] = []
    for index in 0..<configuration.depth {
      let isFrequency = x.rows > 1
      let joins = isFrequency && x.rows <= kernel
      if joins {
        channels = max(channels, timeChannels)
        timeChannels = channels
      }
      let sampling: DemucsSampling
      if joins {
        sampling = DemucsSampling(
          isFrequency: true, kernel: x.rows, stride: configuration.stride, padding: 0)
      } else {
        let stride = isFrequency ? configuration.stride : configuration.timeStride
        sampling = DemucsSampling(
          isFrequency: isFrequency, kernel: 2 * stride, stride: stride, padding: stride / 2)
      }
      let stems = configuration.sources.count
      let frequency = Part(
        input: x, channels: channels, decodedChannels: index == 0 ? 4 * stems : x.channels,
        sampling: sampling)
      var time: Part?
      if isFrequency {
        time = Part(
          input: y, channels: timeChannels, decodedChannels: index == 0 ? 2 * stems : y.channels,
          sampling: DemucsSampling(
            isFrequency: false, kernel: kernel, stride: configuration.stride,
            padding: kernel / 4))
      }
      levels.append(Level(frequency: frequency, time: time, joins: joins))

      guard !isFrequency || joins || x.rows % configuration.stride == 0 else {
        throw SeparationError(
          code: .unsupported, message: "\(name): the network's layers do not fit each other.")
      }
      guard max(channels, timeChannels) <= 2048,
        max(x.positions, y.positions) * max(2 * channels, 2 * timeChannels, 4 * stems) <= 1 << 29
      else {
        throw SeparationError(
          code: .limit, message: "\(name): the network would need too much memory.")
      }
      if isFrequency {
        x.rows = sampling.outputs(of: x.rows)
      } else {
        x.frames = sampling.outputs(of: x.frames)
      }
      if let time { y.frames = time.sampling.outputs(of: y.frames) }
      x.channels = channels
      y.channels = timeChannels
      channels *= configuration.growth
      timeChannels *= configuration.growth
    }
    return levels
  }

  /// What the first layer adds to each frequency. (rows, channels)
  private static func embedding(
    _ weights: NetworkWeights, configuration: DemucsConfiguration, level: Level
  ) throws(SeparationError) -> [[Float]] {
    guard configuration.frequencyEmbedding > 0 else { return [] }
    let rows = level.sampling.outputs(of: level.input.rows)
    let values = try weights["freq_emb.embedding"].values("weight", rows, level.channels)
    let scale = Float(configuration.frequencyEmbedding * configuration.embeddingScale)
    return (0..<rows).map { row in
      values[row * level.channels..<(row + 1) * level.channels].map { $0 * scale }
    }
  }
}
