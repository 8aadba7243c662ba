// SPDX-License-Identifier: MIT

/// The sizes of one level of Demucs: in each branch a layer of the encoder and the one of the decoder
/// opposite.
///
/// They follow from the arguments alone, so whatever does not fit together is refused before any
/// weight is read.
struct DemucsLevel: Sendable {
  /// One branch's part.
  struct Part: Sendable {
    /// What the encoder layer gets, and the decoder layer gives but for its channels.
    let input: DemucsGrid
    /// Channels that the encoder layer gives.
    let channels: Int
    /// Channels that the decoder layer gives.
    let decodedChannels: Int
    let sampling: DemucsSampling

    /// What the encoder layer gives, and the decoder layer gets.
    var output: DemucsGrid {
      var output = input
      output.channels = channels
      if sampling.isFrequency {
        output.rows = sampling.outputs(of: input.rows)
      } else {
        output.frames = sampling.outputs(of: input.frames)
      }
      return output
    }
  }

  let frequency: Part
  /// `nil` where the time branch has ended.
  let time: Part?
  /// Whether the time branch ends here, in the frequency branch.
  let joins: Bool

  /// The sizes of all levels: frequencies become fewer until one is left, then frames do.
  ///
  /// - Parameters:
  ///   - spectrogram: The frequency branch's input.
  ///   - name: Of the checkpoint, for messages.
  static func levels(
    configuration: DemucsConfiguration, spectrogram: DemucsGrid, name: String
  ) throws(SeparationError) -> [DemucsLevel] {
    var x = spectrogram
    var y = DemucsGrid(rows: 1, frames: configuration.segmentFrames, channels: 2)
    var channels = configuration.channels
    var timeChannels = configuration.timeChannels
    var levels: [DemucsLevel] = []
    for _ in 0..<configuration.depth {
      if x.rows > 1, x.rows <= configuration.kernel {
        channels = max(channels, timeChannels)
        timeChannels = channels
      }
      let level = DemucsLevel(
        configuration: configuration, isFirst: levels.isEmpty, x, channels, y, timeChannels)
      try level.check(configuration, name: name)
      levels.append(level)
      x = level.frequency.output
      y = level.time?.output ?? y
      channels *= configuration.growth
      timeChannels *= configuration.growth
    }
    try checkBottleneck(
      configuration, joins: levels.contains(where: \.joins), frequency: x, time: y, name: name)
    return levels
  }

  private init(
    configuration: DemucsConfiguration, isFirst: Bool, _ x: DemucsGrid, _ channels: Int,
    _ y: DemucsGrid, _ timeChannels: Int
  ) {
    let isFrequency = x.rows > 1
    let stems = configuration.sources.count
    let stride = isFrequency ? configuration.stride : configuration.timeStride
    joins = isFrequency && x.rows <= configuration.kernel
    frequency = Part(
      input: x, channels: channels, decodedChannels: isFirst ? 4 * stems : x.channels,
      sampling: DemucsSampling(
        isFrequency: isFrequency, kernel: joins ? x.rows : 2 * stride, stride: stride,
        padding: joins ? 0 : stride / 2))
    time =
      isFrequency
      ? Part(
        input: y, channels: timeChannels, decodedChannels: isFirst ? 2 * stems : y.channels,
        sampling: DemucsSampling(
          isFrequency: false, kernel: configuration.kernel, stride: stride,
          padding: configuration.kernel / 4)) : nil
  }

  private func check(_ configuration: DemucsConfiguration, name: String) throws(SeparationError) {
    let parts = [frequency] + (time.map { [$0] } ?? [])
    guard frequency.input.rows == 1 || joins || frequency.input.rows % configuration.stride == 0
    else {
      throw SeparationError(
        code: .unsupported, message: "\(name): the network's layers do not fit each other.")
    }
    let positions = parts.map(\.input.positions).max() ?? 0
    let widest = max(parts.map(\.channels).max() ?? 0, 2 * configuration.sources.count)
    guard parts.allSatisfy({ $0.channels <= 2048 }), positions * 2 * widest <= 1 << 29 else {
      throw SeparationError(
        code: .limit, message: "\(name): the network would need too much memory.")
    }
    guard !joins || frequency.output == time?.output else {
      throw SeparationError(
        code: .unsupported, message: "\(name): the branches of the network do not meet.")
    }
    let hasBranches = configuration.hasEncoderBranches || configuration.hasDecoderBranches
    guard !hasBranches || parts.allSatisfy({ configuration.branchChannels(of: $0.channels) > 0 })
    else {
      throw SeparationError(
        code: .unsupported,
        message: "\(name): the network's residual branches would have no channels.")
    }
  }

  /// What lies between encoder and decoder.
  private static func checkBottleneck(
    _ configuration: DemucsConfiguration, joins: Bool, frequency: DemucsGrid, time: DemucsGrid,
    name: String
  ) throws(SeparationError) {
    func unsupported(_ why: String) -> SeparationError {
      SeparationError(code: .unsupported, message: "\(name): \(why).")
    }
    guard let transformer = configuration.transformer else {
      if !joins { throw unsupported("the branches of the network never join") }
      return
    }
    guard !joins else {
      throw unsupported("a transformer after the branches have joined is not supported")
    }
    guard frequency.channels == time.channels else {
      throw unsupported("a transformer between branches of different widths is not supported")
    }
    // Attention takes the square of the tokens.
    guard max(frequency.positions, time.positions) <= 1 << 16 else {
      throw SeparationError(
        code: .limit, message: "\(name): the segment is too long for a transformer.")
    }
    let width = transformer.width(between: frequency.channels)
    guard width % transformer.heads == 0, width % 4 == 0 else {
      throw unsupported(
        "a transformer of \(width) channels and \(transformer.heads) heads cannot be built")
    }
    guard max(frequency.positions, time.positions) * width <= 1 << 26 else {
      throw SeparationError(
        code: .limit, message: "\(name): the network would need too much memory.")
    }
  }
}
